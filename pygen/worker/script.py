"""A graph of a script: the script runs again, and at the call of fit that the graph is of, it is trained."""

import os

from pygen.author import fitting, script
from pygen.author.answers import Answers
from pygen.author.calls import Numbers
from pygen.author.limit import Limit
from pygen.worker.protocol import Failure

FIT = "fit"


class _Trained(BaseException):
    """The phase has been trained, which ends the script. It is no Exception: scripts catch those."""


class _Meeting(Answers):
    """Waits for the call of fit that is one phase of a script, and trains that; the others train one step."""

    def __init__(self, phase, train, limit):
        super().__init__()
        self._phase, self._train, self._limit = phase, train, limit
        self._numbers, self._last = Numbers(), None
        self.met, self.failure = 0, None
        self.done = False

    def take(self, call):
        """Train a `fitting.Call` of the phase; return whether another call is new."""
        if self.done:  # and the script has swallowed what ends it
            raise _Trained
        known = self._numbers.find(call)
        number = known or self._numbers.add(call)
        self.met, self._last = max(self.met, number), (call, number)
        if number != self._phase:
            return not known
        self.done = True
        try:
            with self._limit.paused():
                self._train(call)
        except Failure as failure:
            self.failure = failure
        raise _Trained

    def trained(self, model, history):
        """Note that the model of the last call is built."""
        super().trained(model, history)
        self._numbers.built(*self._last)


def refuse(described):
    """Raise Failure for a script that trains in another way than by fit, by its manifest."""
    told = described["script"]
    if told["call"] != FIT:
        raise Failure(
            "job",
            f"{told['file']} trains by {told['call']}(...), line {told['line']}, and not by fit(...)",
            "its graph can be timed, and a fit of its own in a script",
        )


def run(request, described, train, hint=""):
    """Run the script of an `options.Request`, and `train` the Call that the graph is of.

    Raises Failure, with the `hint` where the script fails before.
    """
    refuse(described)
    told, limit = described["script"], Limit()
    meeting = _Meeting(told["phase"], train, limit)
    try:
        with fitting.watching(meeting.take, meeting):
            ended = script.run(request, limit)
    except _Trained:
        ended = script.Ended()
    if meeting.failure is not None:
        raise meeting.failure
    if meeting.done:
        return
    file = os.path.relpath(request.spec.path, request.folder) if request.spec.path else request.spec.text
    if ended.error:
        raise Failure("job", f"{file} fails before its fit(...) at line {told['line']}: {ended.error}", hint)
    raise Failure(
        "job",
        f"{file} has called {meeting.met} different fits and ended; the graph is of number {told['phase']}, "
        f"line {told['line']}" + (f" ({ended.left})" if ended.left else ""),
        "the script does not do what it did at the export, or has changed: export it again",
    )
