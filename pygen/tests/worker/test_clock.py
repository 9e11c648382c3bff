"""The arithmetic of the clock, with a list of callbacks and a time of its own."""

import pytest

from pygen.worker.clock import Clock, watched


class Time:
    """A clock that goes on only where something takes time."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds

    def take(self, seconds):
        self.seconds += seconds


class List:
    """A list of callbacks as Keras has it: each call takes 0.25 s, of steps 0.125 s."""

    _async_train = False

    def __init__(self, time):
        self.time = time

    def slow(self, *_):
        self.time.take(0.25)

    on_train_begin = on_train_end = on_epoch_begin = on_epoch_end = on_test_begin = on_test_end = slow

    def step(self, *_):
        self.time.take(0.125)

    on_train_batch_begin = on_train_batch_end = on_test_batch_end = step


class Fit:
    """A fit in which drawing a batch takes 1 s, a step 2 s, a step of validation 4 s and the end of an epoch 8 s."""

    def __init__(self, **clock):
        self.time, self.epochs = Time(), []
        self.clock = Clock(self.report, now=self.time, **clock)
        self.base = watched(List, self.clock)
        self.list = self.base(self.time)

    def report(self, epoch):
        self.time.take(1000)
        self.epochs.append(epoch)

    def run(self, epochs=2, steps=3, validation=0, per_call=1, loss=None):
        self.list.on_train_begin()
        for epoch in range(epochs):
            self.list.on_epoch_begin(epoch)
            for step in range(0, steps, per_call):
                self.time.take(1)
                self.list.on_train_batch_begin(step)
                self.time.take(2)
                self.list.on_train_batch_end(step + per_call - 1, {"loss": loss() if loss else 0.0})
            if validation:
                self.validate(validation)
            self.list.on_epoch_end(epoch, {"loss": loss() if loss else float(epoch)})
            self.time.take(8)
        self.list.on_train_end()
        return self.epochs

    def validate(self, steps):
        self.list.on_test_begin()
        for step in range(steps):
            self.time.take(4)
            self.list.on_test_batch_end(step, {})
        self.list.on_test_end({})


CALLBACKS = 0.25 + 3 * 2 * 0.125 + 0.25  # of an epoch without validation


def test_an_epoch_goes_from_one_begin_to_the_next():
    first, second = Fit().run()
    assert (first.index, second.index) == (0, 1)
    assert first.begin == 100.25
    assert second.begin == first.begin + first.seconds + 1000  # what is told of an epoch is in none
    for epoch in (first, second):
        assert epoch.seconds == CALLBACKS + 3 * (1 + 2) + 8
        assert (epoch.step, epoch.callbacks, epoch.wait, epoch.other) == (6, CALLBACKS, 0, 3 + 8)
        assert (epoch.steps, epoch.validation, epoch.validation_steps) == (3, 0, 0)
    assert [epoch.logs for epoch in (first, second)] == [{"loss": 0.0}, {"loss": 1.0}]


def test_batches_that_are_drawn_between_the_steps():
    epoch = Fit(waits=True).run()[0]
    assert (epoch.wait, epoch.step, epoch.other) == (3, 6, 8)


def test_validation_is_no_training():
    epoch = Fit().run(validation=2)[0]
    assert epoch.validation == 0.25 + 2 * (4 + 0.125) + 0.25
    assert epoch.seconds == CALLBACKS + 3 * (1 + 2) + 8
    assert (epoch.callbacks, epoch.other, epoch.validation_steps) == (CALLBACKS, 3 + 8, 2)


def test_examples_are_counted_before_validation_counts_anew():
    counts = iter([96, 32])
    epoch = Fit(count=lambda: next(counts)).run(epochs=1, validation=1)[0]
    assert (epoch.examples, epoch.validation_examples) == (96, 32)


class Late:
    """A loss that is there 16 s after it is asked for."""

    def __init__(self, time):
        self.time = time

    def __float__(self):
        self.time.take(16)
        return 1.0


def read(logs):
    return {name: float(value) for name, value in logs.items()}


def test_counting_is_in_no_epoch_and_waiting_for_steps_is_one_of_them():
    fit = Fit(read=read, count=lambda: fit.time.take(32) or 7)
    epoch = fit.run(epochs=1, loss=lambda: Late(fit.time))[0]
    assert epoch.step == 6 + 16  # after the last one
    assert epoch.seconds == CALLBACKS + 3 * (1 + 2) + 8 + 16
    assert (epoch.other, epoch.examples, epoch.logs) == (3 + 8, 7, {"loss": 1.0})


@pytest.mark.parametrize(("threads", "steps"), [(False, 3), (True, 0)])
def test_steps_that_go_on_when_their_call_has_returned(threads, steps):
    """Callbacks wait for them, but for those that Keras calls in a thread."""
    fit = Fit(read=read, late=True)
    fit.list._async_train = threads
    assert fit.run(epochs=1, loss=lambda: Late(fit.time))[0].step == 6 + steps * 16 + 16


def test_counting_before_validation_waits_for_the_steps():
    fit = Fit(count=lambda: fit.time.take(32) or 7)
    epoch = fit.run(epochs=1, validation=1)[0]
    assert epoch.step == 6 + 32
    assert epoch.seconds == CALLBACKS + 3 * (1 + 2) + 8 + 32
    assert epoch.validation == 0.25 + 4 + 0.125 + 0.25


def test_several_steps_in_a_call():
    epoch = Fit().run(epochs=1, steps=4, per_call=2)[0]
    assert (epoch.steps, epoch.step) == (4, 4)


def test_what_a_callback_evaluates_is_no_validation():
    fit = Fit()
    other = fit.base(fit.time)

    def evaluate(*_):
        other.on_test_begin()
        fit.time.take(64)
        other.on_test_batch_end(9, {})
        other.on_test_end({})

    List.on_epoch_end, kept = evaluate, List.on_epoch_end
    try:
        epoch = fit.run(epochs=1)[0]
    finally:
        List.on_epoch_end = kept
    assert (epoch.validation, epoch.validation_steps) == (0, 0)
    assert epoch.callbacks == CALLBACKS - 0.25 + 0.25 + 64 + 0.125 + 0.25


def test_another_fit_inside_is_not_watched():
    fit = Fit()
    inner = Fit.__new__(Fit)
    inner.time, inner.list, inner.epochs = fit.time, fit.base(fit.time), []
    fit.list.on_train_begin()
    fit.list.on_epoch_begin(0)
    inner.run(epochs=1)
    assert fit.epochs == []
    fit.list.on_epoch_end(0, {})
    fit.list.on_train_end()
    assert len(fit.epochs) == 1


@pytest.mark.parametrize("parts", [{}, {"waits": True}])
def test_the_parts_are_the_whole(parts):
    for epoch in Fit(**parts).run(epochs=3, validation=2):
        assert epoch.wait + epoch.step + epoch.callbacks + epoch.other == pytest.approx(epoch.seconds, abs=1e-9)
        assert epoch.seconds + epoch.validation + epoch.own == pytest.approx(epoch.whole, abs=1e-9)
