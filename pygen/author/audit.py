"""How to hear of what a running script does: from Python, or from a function that it calls."""

import contextlib
import functools
import sys

_listeners = []


@contextlib.contextmanager
def listening(listener):
    """Within it, `listener(event, arguments)` is called for each of Python's audit events, in the thread of each."""
    if _hook not in _hooked:
        sys.addaudithook(_hook)  # which nothing can take away
        _hooked.append(_hook)
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


_hooked = []


def _hook(event, arguments):
    for listener in _listeners:
        listener(event, arguments)


def noting(function, note):
    """Return the function, which first calls `note` with its arguments."""

    @functools.wraps(function)
    def noted(*arguments, **keywords):
        note(*arguments, **keywords)
        return function(*arguments, **keywords)

    return noted
