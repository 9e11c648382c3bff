"""What a worker and its parent say to each other, as harness/protocol defines it: a job in, events out."""

import contextlib
import json
import math
import os
import sys
import threading
from dataclasses import dataclass, field

TRAIN, STAGES = "train", "stages"  # the kinds of jobs

VERSION = 3
MOST = 1 << 20  # bytes of a line
PROGRAM = "0.1.0"  # the version of epochtime that this is part of

_leave = os._exit  # scripts run with another in its place


class Failure(BaseException):
    """A worker's last word: a code of harness/protocol, what failed, and what to do. Scripts do not catch it."""

    def __init__(self, code, message, hint=""):
        """Take the code, the message and the hint, "" for none."""
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


@dataclass(frozen=True)
class Job:
    """What is asked of a worker; `config` is a record.Config, by the names of its JSON."""

    kind: str
    graph: str
    sha256: str
    config: dict
    env: dict = field(default_factory=dict)
    save_weights: str = ""
    examples: str = ""
    parent: int = 0
    worker: int = 0
    boot: str = ""
    alive_s: float = 0.0

    @property
    def runtime(self):
        """Return the name of what is to train."""
        return self.config.get("runtime") or "go"

    @property
    def epochs(self):
        """Return how many epochs there are, those of the warm-up first."""
        return self.config["warmup"] + self.config["epochs"]


def parse(line):
    """Return the Job of a line, bytes. Raises Failure."""
    try:
        said = json.loads(line)
        version = said.pop("protocol", None)
    except (ValueError, AttributeError, TypeError):
        raise Failure("job", "reading the job: it is no line of JSON", _STARTED) from None
    if version != VERSION:
        raise Failure(
            "job", f"the parent speaks protocol {version} and this worker {VERSION}: use programs of one build"
        )
    try:
        job = Job(**said)
    except TypeError as error:
        raise Failure("job", f"reading the job: {error}", "use programs of one build") from None
    if job.kind not in (TRAIN, STAGES):
        raise Failure("job", f"a worker in Python has no job of kind {job.kind!r}")
    return job


_STARTED = "this worker is started by epochtime: see 'epochtime run --help'"


class Channel:
    """The pipe to the parent. File descriptor 1 is kept for events alone: all else that is printed goes to stderr."""

    def __init__(self, events, orders):
        """Take the file descriptors that events are written to and that the job and requests are read from."""
        self._events, self._orders = events, orders
        self._rest = b""
        self._lock = threading.Lock()
        self._over = False

    def send(self, event, said=None):
        """Send an event; `said` is what its field holds. After the last word of a worker nothing is sent."""
        line = json.dumps({"event": event} | ({} if said is None else {event: _numbers(said)}), allow_nan=False)
        with self._lock:
            if self._over:
                return
            self._over = event in ("done", "error")
            data = line.encode() + b"\n"
            while data:
                data = data[os.write(self._events, data) :]

    def fail(self, failure):
        """Send a Failure as the last word, and repeat it on stderr."""
        told = {"code": failure.code, "message": failure.message}
        told |= {"hint": failure.hint} if failure.hint else {}
        print(f"epochtime worker: {failure.message}", file=sys.stderr, flush=True)
        self.send("error", told)

    def read_line(self):
        """Return the next line without its newline, b"" at the end of what the parent says. Raises Failure."""
        while b"\n" not in self._rest:
            part = os.read(self._orders, 1 << 16)
            self._rest += part
            if len(self._rest) > MOST:
                raise Failure("job", f"a line is longer than {MOST} bytes", _STARTED)
            if not part:
                return b""
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def heed(self, leave=_leave):
        """Begin to wait, in a thread, for a request to stop or the end of the parent; it then ends the process.

        After a worker's last word the parent says no more, and the process ends by itself.
        """

        def wait():
            asked = bool(self.read_line())
            with self._lock:
                if self._over:
                    return
            reason = "the parent asked the worker to stop" if asked else "the parent is gone"
            with contextlib.suppress(OSError):  # who would read it is gone
                self.fail(Failure("interrupted", reason))
            leave(1)

        threading.Thread(target=wait, daemon=True).start()


def take_standard_streams():
    """Return the Channel over the standard streams, which are then empty and stderr. Raises OSError."""
    channel = Channel(os.dup(1), os.dup(0))
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return channel


def _numbers(said):
    """Return what is said, with null for a number that is not finite, as record.Number has it."""
    if isinstance(said, dict):
        return {key: _numbers(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_numbers(value) for value in said]
    if isinstance(said, float) and not math.isfinite(said):
        return None
    return said
