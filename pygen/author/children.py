"""Processes that a script starts and leaves behind."""

import contextlib
import ctypes
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest import mock

from pygen.author import audit, faults

_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h


def adopt():
    """Become the parent of processes whose own parent, started by this one, has ended. Only Linux does this."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def living():
    """Return the ids of the processes that descend from this one; none where the system does not say."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            number, rest = path.read_text(errors="replace").split(" ", 1)
            parents[int(number)] = int(rest.rsplit(")", 1)[1].split()[1])  # the name may hold anything
    found, more = set(), {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in more} - found:
        found |= more
    return found


def end(before):
    """Kill the processes that descend from this one, but for those that `before`, an earlier `living`, has."""
    for _ in range(10):  # one that is killed late may have started another
        left = living() - before
        for number in left:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        for number in left:
            with contextlib.suppress(OSError):  # one that is a grandchild is this one's after its parent
                os.waitpid(number, os.WNOHANG)
        if not left:
            return


@contextlib.contextmanager
def started():
    """Within it, the list that it gives gets the author's line of each process that multiprocessing starts."""
    found = []
    noting = audit.noting(BaseProcess.start, lambda *_: found.append(faults.caller()))
    with mock.patch.object(BaseProcess, "start", noting):
        yield found
