"""Keras's own fit, with a clock round its callbacks."""

from unittest import mock

import keras
from keras.src import callbacks as keras_callbacks
from keras.src.utils import python_utils

from pygen.model.forward import has_own_step
from pygen.worker import backend
from pygen.worker.clock import Clock, watched
from pygen.worker.protocol import Failure
from pygen.worker.work import NONE, STAMPED


def train(work, job, teller):
    """Train a `work.Work` by fit, and tell its epochs. Raises Failure, and what the author's code raises."""
    model = work.model
    report = _Report(work, job, teller)
    if job.config.get("step") == NONE:
        model.train_function = _drawing(model)
    if job.config.get("step") == STAMPED:
        report.stamps = _stamps(model)
    elsewhere = keras.backend.backend() != "tensorflow"
    late = elsewhere or backend.used_device(job.config) != "cpu"
    clock = Clock(report.take, report.count, python_utils.pythonify_logs, late, waits=elsewhere)
    teller.loaded(work)
    with mock.patch.object(keras_callbacks, "CallbackList", watched(keras_callbacks.CallbackList, clock)):
        keras.Model.fit(model, **work.given)
    report.check_whole()
    teller.memory()


class _Report:
    """Makes what is told of the clock's epochs."""

    def __init__(self, work, job, teller):
        self.work, self.job, self.teller = work, job, teller
        self.stamps = None
        steps = work.given["steps_per_epoch"] or work.steps
        self._most = steps or 0  # of an epoch, where that is known

    def count(self):
        """Return the examples that the model has counted since the last reset, 0 where it does not."""
        tracker = getattr(self.work.model, "_loss_tracker", None)
        if tracker is None or has_own_step(self.work.model):
            return 0
        return int(keras.ops.convert_to_numpy(tracker.count))

    def take(self, epoch):
        """Tell one epoch. Raises Failure for one in which a callback stopped the training too early."""
        if self.stamps:
            self.stamps.move(epoch)
        if self._most:
            epoch.steps = min(epoch.steps, self._most)
        if self.work.model.stop_training:
            self._stopped(epoch)
        logs = {name: float(value) for name, value in epoch.logs.items()}
        loss = _loss(logs)
        if not epoch.validation_steps:
            logs = {name: value for name, value in logs.items() if not name.startswith("val_")}
        samples = self.work.samples or epoch.examples or self.work.usual
        self.teller.epoch(epoch, max(samples, epoch.steps), loss, {k: v for k, v in logs.items() if k != "loss"})

    def _stopped(self, epoch):
        done = self.teller.epochs + 1
        if done < self.job.epochs or epoch.steps < self._most:
            self._fail(f"in its epoch {done} of {self.job.epochs}")

    def check_whole(self):
        """Raise Failure if fit has ended before its last epoch."""
        if self.teller.epochs < self.job.epochs:
            self._fail(f"after {self.teller.epochs} of {self.job.epochs} epochs")

    def _fail(self, when):
        names = ", ".join(type(each).__name__ for each in keras.tree.flatten(self.work.given["callbacks"] or []))
        raise Failure(
            "job",
            f"fit stops {when}" + (f", as its callbacks may ask ({names})" if names else ""),
            "ask for fewer epochs, or leave the callbacks out",
        )


def _loss(logs):
    """Return the loss among the logs: "loss", else the sum of the names with "loss", else the first; 0 without any."""
    if "loss" in logs:
        return logs["loss"]
    training = {name: value for name, value in logs.items() if not name.startswith("val_")}
    return sum(value for name, value in training.items() if "loss" in name) or next(iter(training.values()), 0.0)


def _stamps(model):
    backend.only_tensorflow("stamped steps")
    from pygen.worker.stamped import Stamps

    return Stamps(model)


def _drawing(model):
    """Return a train function that draws the batches of its steps and trains nothing. Raises Failure."""
    backend.only_tensorflow("steps without training")
    import tensorflow as tf

    model.jit_compile = False  # which would have to hold what is drawn
    return model._make_function(lambda data: {"loss": tf.constant(0.0)})
