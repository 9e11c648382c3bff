"""Whether a script that is running has a call of fit(...) still before it."""

import dis
import functools
import sys

from pygen.author import faults


def has_fit():
    """Report whether a fit(...) comes on a later line of the author's code that is running, or of what called it."""
    frame = sys._getframe(1)
    while frame is not None:
        if faults.is_authors(frame.f_code.co_filename) and _last_fit(frame.f_code) > frame.f_lineno:
            return True
        frame = frame.f_back
    return False


@functools.lru_cache(maxsize=256)
def _last_fit(code):
    """Return the last line of a code object that asks for an attribute named fit, 0 for none."""
    lines = [
        instruction.positions.lineno or 0
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval == "fit"
    ]
    return max(lines, default=0)
