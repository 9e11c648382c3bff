"""Errors whose message is meant for the person at the keyboard."""


class ExportError(Exception):
    """Something is wrong with what was given or found; the message says what to do. Exit code 1."""


class UsageError(ExportError):
    """The command line asks for something that cannot be. Exit code 2."""
