"""The clock of Keras's fit: what is inside an epoch, read where Keras calls its callbacks.

The list of callbacks is the one place that every backend's fit passes through, at known points: see `watched`. An epoch
lasts from one on_epoch_begin to the next, the last one to on_train_end; validation from on_test_begin to on_test_end.
"""

import time
from dataclasses import dataclass, field


@dataclass
class Epoch:
    """One epoch of fit, in seconds of the clock.

    `whole` is all of it, validation too. `wait` is the time between a step and the next, which is drawing batches where
    the backend does not do that in its train function. `own` is the clock's, and no part of the epoch. `examples` are 0
    where Keras does not count them.
    """

    index: int
    begin: float
    whole: float = 0.0
    wait: float = 0.0
    step: float = 0.0
    callbacks: float = 0.0
    own: float = 0.0
    validation: float = 0.0
    steps: int = 0
    examples: int = 0
    validation_steps: int = 0
    validation_examples: int = 0
    logs: dict = field(default_factory=dict)

    @property
    def seconds(self):
        """Return the time of training, which is all but validation."""
        return max(0.0, self.whole - self.validation - self.own)

    @property
    def other(self):
        """Return what neither waits, steps nor callbacks take: fit's own."""
        return max(0.0, self.seconds - self.wait - self.step - self.callbacks)


class Clock:
    """Takes the times of one call of fit, and gives each finished `Epoch` to `report`.

    `count` returns the examples that the model has counted since its metrics were reset; `read` returns logs as
    numbers, for which it waits until the steps are done. `late` says that a step may go on when its call has returned,
    and `waits` that batches are drawn between the steps. `now` returns seconds. What `report` takes is in no epoch.
    """

    def __init__(self, report, count=lambda: 0, read=lambda logs: logs, late=False, waits=False, now=time.perf_counter):
        """Begin with no epoch."""
        self.report, self.count, self.read, self.late, self.waits, self.now = report, count, read, late, waits, now
        self.list = None  # of the fit that is timed: the first one that is made
        self.done = 0
        self.epoch = None
        self.mark = self.tested = 0.0

    def claim(self, callbacks):
        """Take a list of callbacks, if it is the first one."""
        if self.list is None:
            self.list = callbacks

    def begin(self):
        """Begin an epoch, and end the one before."""
        self.end()
        self.mark = self.now()
        self.epoch = Epoch(self.done, self.mark)

    def end(self):
        """End the epoch, if one has begun."""
        if self.epoch is None:
            return
        epoch, self.epoch = self.epoch, None
        epoch.whole = self.now() - epoch.begin
        self.done += 1
        self.report(epoch)

    def counted(self):
        """Return the examples so far, of steps that are done. What it takes is the clock's own."""
        before = self.now()
        examples = int(self.count())
        self.epoch.own += self.now() - before
        return examples

    def waited(self, wait, *arguments):
        """Return what `wait` does, which waits until steps are done: a backend may compute while Python goes on."""
        before = self.now()
        found = wait(*arguments)
        self.epoch.step += self.now() - before
        return found


def watched(base, clock):
    """Return the subclass of Keras's CallbackList, `base`, whose first instance the `clock` watches.

    A list that a callback makes for itself, as by calling evaluate(...), is not watched. Each step costs four readings
    of the clock.
    """
    return type(base.__name__, (_Watched, base), {"clock": clock})


class _Watched:
    """What stands before each call of Keras's CallbackList."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.clock.claim(self)

    def on_epoch_begin(self, epoch, logs=None):
        clock = self.clock
        if clock.list is not self:
            return super().on_epoch_begin(epoch, logs)
        clock.begin()
        super().on_epoch_begin(epoch, logs)
        clock.mark = clock.now()
        clock.epoch.callbacks += clock.mark - clock.epoch.begin

    def on_train_batch_begin(self, batch, logs=None):
        clock = self.clock
        if clock.list is not self:
            return super().on_train_batch_begin(batch, logs)
        before = clock.now()
        if clock.waits:
            clock.epoch.wait += before - clock.mark
        super().on_train_batch_begin(batch, logs)
        clock.mark = clock.now()
        clock.epoch.callbacks += clock.mark - before

    def on_train_batch_end(self, batch, logs=None):
        clock = self.clock
        if clock.list is not self:
            return super().on_train_batch_end(batch, logs)
        if clock.late and not self._async_train:  # the callbacks read them now, and would wait
            for value in (logs or {}).values():
                float(value)
        before = clock.now()
        epoch = clock.epoch
        epoch.step += before - clock.mark
        epoch.steps = batch + 1
        super().on_train_batch_end(batch, logs)
        clock.mark = clock.now()
        epoch.callbacks += clock.mark - before

    def on_test_begin(self, logs=None):
        clock = self.clock
        if clock.list is self:
            clock.epoch.examples = int(clock.waited(clock.count))  # which validation counts anew
            clock.tested = clock.now()
        super().on_test_begin(logs)

    def on_test_batch_end(self, batch, logs=None):
        if self.clock.list is self:
            self.clock.epoch.validation_steps = batch + 1
        super().on_test_batch_end(batch, logs)

    def on_test_end(self, logs=None):
        super().on_test_end(logs)
        clock = self.clock
        if clock.list is self:
            clock.epoch.validation += clock.now() - clock.tested
            clock.epoch.validation_examples = clock.counted()

    def on_epoch_end(self, epoch, logs=None):
        clock = self.clock
        if clock.list is not self:
            return super().on_epoch_end(epoch, logs)
        logs = clock.waited(clock.read, logs)
        if not clock.epoch.validation:
            clock.epoch.examples = clock.counted()
        before = clock.now()
        super().on_epoch_end(epoch, logs)
        clock.epoch.callbacks += clock.now() - before
        clock.epoch.logs = dict(logs or {})

    def on_train_end(self, logs=None):
        if self.clock.list is self:
            self.clock.end()
        super().on_train_end(logs)
