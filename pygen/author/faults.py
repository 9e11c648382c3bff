"""Errors in the code of a model's author, with the line at fault."""

import contextlib
import linecache
import os
import sys
import sysconfig
import traceback
from pathlib import Path

from pygen.errors import ExportError

_OWN = str(Path(__file__).parents[1])
_INSTALLED = tuple({sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()})
_PYTHON = {"PyFunc", "EagerPyFunc", "PyFuncStateless"}


def is_authors(file):
    """Report whether a file belongs neither to Python, nor to an installed package, nor to this one."""
    path = os.path.abspath(file or "<")
    return os.path.isfile(path) and not path.startswith((*_INSTALLED, _OWN + os.sep))


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
    """Return the error in one line, with the line of the author's code that it came from, if any."""
    text = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
    if isinstance(error, SystemExit):
        reason = f"it ends Python, with exit code {error.code}"
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_authors(f.filename)]
    return f"{reason}, at {_line(frames[-1])}" if frames else reason


def caller():
    """Return FILE:LINE of the author's code that called this."""
    frames = [frame for frame in traceback.extract_stack() if is_authors(frame.filename)]
    return f"{os.path.relpath(frames[-1].filename)}:{frames[-1].lineno}" if frames else "a place unknown"


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
