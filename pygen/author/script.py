"""Run a script of an author as Python itself would, within this process."""

import builtins
import contextlib
import getpass
import importlib.machinery
import importlib.util
import linecache
import multiprocessing.process
import os
import runpy
import sys
import traceback
import types
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from pygen.author import children, faults, notebook
from pygen.author.limit import EndlessError, Limit
from pygen.author.notices import Notices
from pygen.author.origin import MODULE
from pygen.errors import ExportError

_HOME = str(Path(__file__).parents[2])  # the folder that has pygen
_ENVIRONMENT = {"MPLBACKEND": "Agg", "BROWSER": "true"}
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


class NoInputError(EOFError):
    """A script asks for input."""


@dataclass
class Ended:
    """A script that has ended: its names, and the error that ended it, "" for none.

    `left` says where it ended by itself, without an error: its names are then unknown.
    """

    namespace: dict = field(default_factory=dict)
    error: str = ""
    left: str = ""


def run(request, limit=None, notices=None):
    """Run the script of an `options.Request`, with its arguments, and return how it `Ended`.

    `limit` and `notices` are as for `run_as_main`.
    """
    try:
        return Ended(run_as_main(request.spec.path or request.spec.text, request.script_arguments, limit, notices))
    except EndlessError as error:
        return Ended(error=str(error))
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and not error.code:
            return Ended(left=faults.describe(error))
        traceback.print_exc()
        return Ended(error=faults.describe(error))


def run_as_main(named, arguments=(), limit=None, notices=None):
    """Run a script as `__main__` in the present folder and return its namespace, a dict.

    `named` is FILE.py, FILE.ipynb, or "module:NAME" for what `python -m NAME` runs. `arguments` are those of
    sys.argv. `limit` is a `Limit`, None for the usual. What of a notebook is left out is said to `notices`, a
    `Notices`. What the script raises is raised, SystemExit and `limit.EndlessError` too; ExportError is raised for
    what is no script. The path of modules, the arguments, the folder, the standard streams and `__main__` are then as
    before, and processes that it left behind have ended.
    """
    if named.startswith(MODULE):
        name = named.removeprefix(MODULE)
        with _as_python(os.getcwd(), [name, *arguments], limit):
            _check_module(name)
            return runpy.run_module(name, run_name="__main__", alter_sys=True)
    code, names, stand_ins = _compiled(named, Notices() if notices is None else notices)
    path = os.path.abspath(named)
    with _as_python(os.path.dirname(path), [named, *arguments], limit):
        main = types.ModuleType("__main__")
        vars(main).update({"__builtins__": builtins, "__cached__": None}, **names)
        sys.modules.update(stand_ins, __main__=main)
        exec(code, vars(main))
        return vars(main)


def _compiled(named, notices):
    """Return (code, names that it is given, modules that it is given). Raises ExportError, OSError, SyntaxError."""
    path = os.path.abspath(named)
    if not named.endswith(".ipynb"):
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        return code, {"__file__": path, "__loader__": importlib.machinery.SourceFileLoader("__main__", path)}, {}
    text = notebook.read(named, notices)
    # Tracebacks and AutoGraph find the lines here, and not in the file, since a notebook has no __file__.
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    return compile(text, path, "exec", dont_inherit=True), notebook.names(), notebook.stand_ins()


def _check_module(name):
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        found = None
    if found is None:
        raise ExportError(f"-m {name}: there is no such module in {os.getcwd()} or in Python's path")
    if found.submodule_search_locations is not None:
        found = importlib.util.find_spec(f"{name}.__main__") or found
    if found.has_location:
        sys.audit("open", found.origin, "r", os.O_RDONLY)  # Python itself may read it compiled


@contextlib.contextmanager
def _as_python(folder, argv, limit):
    """Within it, the process looks as one in which Python runs a script that lies in `folder`."""
    before, cwd = children.living(), os.getcwd()
    children.adopt()
    faults.add_home(folder)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_environment())
        for owner, name, value in (
            (sys, "path", [folder, *_path()]),
            (sys, "argv", argv),
            (builtins, "input", _no_input),
            (getpass, "getpass", _no_input),
            (os, "_exit", _exit_of(os.getpid(), os._exit)),
            (multiprocessing.process, "_parent_process", None),  # scripts ask whether theirs is the main process
            (multiprocessing.process.current_process(), "_name", "MainProcess"),
            (sys, "stdout", sys.stdout),
            (sys, "stderr", sys.stderr),
        ):
            stack.enter_context(mock.patch.object(owner, name, value))
        stack.enter_context(_without_input())
        stack.callback(sys.modules.__setitem__, "__main__", sys.modules["__main__"])
        stack.callback(children.end, before)
        stack.callback(os.chdir, cwd)
        stack.callback(_end_fork, os.getpid())
        stack.enter_context(limit or Limit())
        yield


def _exit_of(script, leave):
    """Return what stands in for os._exit, `leave`: it must not end the exporter, which is in the `script`'s process."""

    def ended(status):
        if os.getpid() != script:
            leave(status)
        raise SystemExit(status)

    return ended


def _end_fork(script):
    """End a process that the `script`, by its id, has forked and that came back here."""
    if os.getpid() != script:
        sys.stdout.flush()
        os._exit(0)


def _path():
    """Return Python's path without what is there for the exporter: its own folder, and the present one of `-m`."""
    first = {"", os.getcwd()}
    rest = sys.path[1:] if sys.path and sys.path[0] in first else sys.path
    return [entry for entry in rest if os.path.abspath(entry) != _HOME]


@contextlib.contextmanager
def _environment():
    """Within it, plots are drawn without a window, and no browser opens."""
    names = [*_ENVIRONMENT, *_SCREENS]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(_ENVIRONMENT)
    for name in _SCREENS:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _without_input():
    """Within it, the standard input is empty, for native code too."""
    saved = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    try:
        with open(os.devnull) as stream, mock.patch.object(sys, "stdin", stream):
            yield
    finally:
        os.dup2(saved, 0)
        os.close(saved)


def _no_input(prompt="", *_, **__):
    asked = f" ({str(prompt).strip()})" if str(prompt).strip() else ""
    raise NoInputError(
        f"the script asks for input{asked}, which cannot be answered: give it what it needs as arguments"
    )
