"""What the system says of this process: its memory, and what others took from it. Linux tells all of it."""

import os
import resource
from dataclasses import dataclass

_TICKS = 100  # of /proc/stat in a second
_KIB = 1024
_SACRIFICE = 500  # of 1000, as harness/machine has it


def resident():
    """Return the resident memory of this process in bytes, 0 where the system does not tell."""
    return _status("VmRSS")


def peak():
    """Return the largest resident memory that this process has had, in bytes."""
    return max(_status("VmHWM"), resident())


def _status(name):
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) * _KIB for line in file if line.startswith(f"{name}:")), 0)
    except OSError:
        return 0


@dataclass(frozen=True)
class Disturbance:
    """Counters of what disturbs this process: seconds that a hypervisor took, involuntary switches."""

    steal: float
    switches: int

    def since(self, before):
        """Return by how much the counters grew, as record.Disturbance has it."""
        return {
            "steal_s": max(0.0, self.steal - before.steal),
            "involuntary_switches": max(0, self.switches - before.switches),
        }


def disturbance():
    """Return the counters of now."""
    return Disturbance(_steal(), resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw)


def _steal():
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return int(file.readline().split()[8]) / _TICKS
    except (OSError, IndexError, ValueError):
        return 0.0


def cores():
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def die_first():
    """Let the kernel end this process before others where memory is short, as the worker in Go does."""
    path = "/proc/self/oom_score_adj"
    try:
        with open(path, encoding="ascii") as file:
            if int(file.read()) >= _SACRIFICE:
                return
        with open(path, "w", encoding="ascii") as file:
            file.write(str(_SACRIFICE))
    except (OSError, ValueError):
        pass
