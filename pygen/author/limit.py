"""How long a script may go on without training."""

import contextlib
import signal
import threading

SECONDS = 600
_AGAIN = 5  # seconds until a script that swallowed the exception gets it again


class EndlessError(BaseException):
    """A script has gone on for too long without training. It is no Exception, because scripts catch those."""


class Limit:
    """Within it, the main thread gets EndlessError where a script goes on for `seconds` since the last `restart`.

    A signal raises it, so that it also ends a call that waits. In any thread but the main one there is no limit.
    """

    def __init__(self, seconds=SECONDS):
        """Take the seconds, more than 0."""
        self.seconds = seconds
        self._held = 0
        self._before = None

    def __enter__(self):
        """Begin."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGALRM, self._expire)
            self.restart()
        return self

    def __exit__(self, *raised):
        """End, with the handler of signals as it was."""
        if self._before is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
            self._before = None

    def restart(self):
        """Begin anew: the script has just trained."""
        if self._before is not None and not self._held:
            signal.setitimer(signal.ITIMER_REAL, self.seconds, _AGAIN)

    @contextlib.contextmanager
    def paused(self):
        """Within it, which is this exporter's work, no time passes; after it, all of it is left."""
        self._held += 1
        if self._before is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            yield
        finally:
            self._held -= 1
            self.restart()

    def _expire(self, number, frame):
        raise EndlessError(f"it goes on for {_spoken(self.seconds)} without training")


def _spoken(seconds):
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
