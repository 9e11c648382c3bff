"""Errors whose message is for the person who exports."""


class ExportError(Exception):
    """A model, file or graph is wrong; the message says what to do. Exit code 1."""


class ScriptError(ExportError):
    """A script failed before it trained anything: what it printed may say why. Exit code 1."""


class UsageError(ExportError):
    """The command line asks for something impossible. Exit code 2."""
