"""Whether the exporter's own code runs, or the author's: what it calls of Keras is not what a script calls."""

import contextlib

_depth = 0


def running():
    """Report whether the exporter's own code runs."""
    return _depth > 0


@contextlib.contextmanager
def code():
    """Within it, the exporter's own code runs."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
