"""What Python tells of a running script: files that it opens, variables that it sets."""

import contextlib
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
