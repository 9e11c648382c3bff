"""Errors in the code of a model's author, with the line at fault."""

import contextlib
import functools
import inspect
import linecache
import os
import site
import sys
import sysconfig
import traceback
from pathlib import Path

from pygen.author import reasons
from pygen.errors import ExportError

_OWN = str(Path(__file__).parents[1])
_STARTED_WITH = [path for path in sys.path if path not in ("", os.getcwd())]  # a script adds folders of its own
_homes = []
_GENERATED = "__autograph_generated_file"  # in the names of files that AutoGraph writes
_PYTHON = {"PyFunc", "EagerPyFunc", "PyFuncStateless"}


def is_authors(file):
    """Report whether a file belongs neither to Python, nor to an installed package, nor to this one.

    Packages are installed where Python looks for them as it starts: site-packages, a user's own, folders that .pth
    files and PYTHONPATH name, but for those that the author's own file lies in.
    """
    path = os.path.abspath(file or "<")
    return os.path.isfile(path) and not is_installed(path) and _GENERATED not in path


def is_installed(path):
    """Report whether a path, which is absolute, belongs to Python, to an installed package or to this one."""
    return _is_within(path, (_OWN, *_installed(tuple(_homes))))


def add_home(folder):
    """Say that a file of the author lies in `folder`, which no package is installed in."""
    if (folder := os.path.abspath(folder)) not in _homes:
        _homes.append(folder)


def _is_within(path, folders):
    return path.startswith(tuple(os.path.join(folder, "") for folder in folders))


@functools.cache
def _installed(homes):
    """Return the folders of Python and of installed packages, where files of the author lie in `homes`."""
    paths = sysconfig.get_paths()
    python = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")} | set(site.getsitepackages())
    python |= {sys.prefix} if sys.prefix != sys.base_prefix else set()  # all of a virtual environment
    searched = {os.path.abspath(path) for path in _STARTED_WITH}
    return python | {path for path in searched if not any(_is_within(os.path.join(home, ""), [path]) for home in homes)}


@contextlib.contextmanager
def located(doing):
    """Turn any error within into an ExportError that says what was being done, the error, and the author's line."""
    try:
        yield
    except ExportError:
        raise
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise ExportError(f"{doing}: {describe(error)}") from error


def describe(error):
    """Return the error in one line: its reason, the author's line that it came from, if any, and what may help."""
    if isinstance(error, ExportError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    told = reasons.of_exit(error) if isinstance(error, SystemExit) else ": ".join(filter(None, reasons.of(error)))
    place = _place(error)
    told = f"{told}, at {place}" if place else told
    hint = reasons.help_for(error)
    return f"{told}; {hint}" if hint else told


def _place(error):
    """Return FILE:LINE: CODE of the author's line that an error came from, "" if there is none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_authors(frame.filename)]
    named = [(file, line) for file, line in reasons.places(error) if is_authors(file)]
    if named:  # AutoGraph runs a copy of the code, and names the lines of the original
        file, line = named[-1]
        return _line(traceback.FrameSummary(file, line, "", lookup_line=False))
    return _line(frames[-1]) if frames else ""


def caller():
    """Return FILE:LINE of the author's code that called this."""
    frame = _calling()
    return f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else "a place unknown"


def calling_line():
    """Return the line of the author's code that called this, 0 where no code of the author did."""
    frame = _calling()
    return frame.f_lineno if frame else 0


def calling_place():
    """Return (file, line) of the author's code that called this, ("", 0) where no code of the author did.

    The file is relative to the present folder.
    """
    frame = _calling()
    return (os.path.relpath(frame.f_code.co_filename), frame.f_lineno) if frame else ("", 0)


def _calling():
    frame = inspect.currentframe()
    while frame and not is_authors(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _line(frame):
    text = frame.line or linecache.getline(frame.filename, frame.lineno).strip()
    return f"{os.path.relpath(frame.filename)}:{frame.lineno}: {text}"


def check_no_python(functions):
    """Raise ExportError if a traced function calls back into Python, naming the operation and the author's line."""
    for function in functions:
        for operation in _operations(function.graph):
            if operation.type in _PYTHON:
                frames = [f for f in operation.traceback or () if is_authors(f.filename)]
                where = f", at {_line(frames[-1])}" if frames else ""
                raise ExportError(
                    f"it calls Python while it trains (operation {operation.name}), which no graph can hold{where}: "
                    "use TensorFlow's or Keras's own operations there"
                )


def _operations(graph, seen=None):
    """Yield the operations of a traced graph and of the functions that it calls."""
    seen = set() if seen is None else seen
    yield from graph.get_operations()
    for name, function in graph._functions.items():
        if name not in seen and hasattr(function, "graph"):
            seen.add(name)
            yield from _operations(function.graph, seen)


def sources():
    """Return the paths of the author's files that Python has loaded as modules, sorted."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return sorted(os.path.abspath(file) for file in files if file and is_authors(file))
