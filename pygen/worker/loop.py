"""A plain Python loop around one `tf.function` step, as TensorFlow's guides write it: no metrics, no callbacks."""

import time

import keras
import numpy as np
import tensorflow as tf
from keras.src.trainers.data_adapters.data_adapter_utils import (
    class_weight_to_sample_weights,
    unpack_x_y_sample_weight,
)

from pygen.model.columns import as_fit_passes
from pygen.model.forward import call, has_own_step
from pygen.training.step import pick_loss
from pygen.worker.clock import Epoch
from pygen.worker.protocol import Failure
from pygen.worker.work import dataset_of


def train(work, job, teller, now=time.perf_counter):
    """Train a `work.Work`, and tell its epochs. Raises Failure, and what the author's code raises."""
    step = make_step(work.model)
    feeder = _Cut(work, job.config["seed"]) if _is_cut(work) else _Drawn(work)
    teller.loaded(work)
    for index in range(job.epochs):
        epoch = Epoch(index, now())
        losses, sizes = run(step, feeder.epoch(), epoch, now)
        if not sizes:
            raise Failure("data", f"epoch {index} has no batch: the script's data has ended")
        mean = float(np.average([float(loss) for loss in losses], weights=sizes))
        epoch.whole = now() - epoch.begin
        teller.epoch(epoch, sum(sizes), mean, {})
    teller.memory()


def run(step, batches, epoch, now):
    """Take a step on each of the batches and return (losses, their examples); the `clock.Epoch` gets the times."""
    losses, sizes = [], []
    mark = now()
    for batch in batches:
        drawn = now()
        losses.append(step(batch))
        sizes.append(int(keras.tree.flatten(batch)[0].shape[0]))
        epoch.wait += drawn - mark
        mark = now()
        epoch.step += mark - drawn
    epoch.wait += now() - mark
    epoch.steps = len(sizes)
    return losses, sizes


def make_step(model):
    """Return the compiled step (what fit passes to train_step) → loss."""
    own = has_own_step(model)

    def step(data):
        if own:
            return pick_loss(model.train_step(data))
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predicted = call(model, x)
            value = model.compute_loss(x=x, y=y, y_pred=predicted, sample_weight=sample_weight, training=True)
            scaled = model.optimizer.scale_loss(value)
        gradients = tape.gradient(scaled, model.trainable_weights)
        model.optimizer.apply(gradients, model.trainable_weights)
        return value

    return tf.function(step, reduce_retracing=True, jit_compile=bool(model.jit_compile))


def _is_cut(work):
    return work.columns is not None or not work.pipeline


class _Cut:
    """Batches that are cut from arrays, or of columns, of which sequences are padded in each batch."""

    def __init__(self, work, seed):
        self._batch, self._count = work.batch, work.samples
        self._shuffle, self._random = work.given["shuffle"], np.random.default_rng(seed)
        self._columns = work.columns
        self._class_weight = work.given["class_weight"]
        data = tuple(work.given[name] for name in ("x", "y", "sample_weight"))
        self._data = keras.tree.map_structure(lambda a: None if a is None else np.asarray(a), data)

    def epoch(self):
        """Yield the batches of an epoch, in a new order if they are shuffled."""
        order = self._random.permutation(self._count) if self._shuffle else None
        for start in range(0, self._count, self._batch):
            rows = slice(start, min(start + self._batch, self._count))
            x, y, sample_weight = self._rows(rows if order is None else order[rows])
            if self._class_weight:
                sample_weight = class_weight_to_sample_weights(y, self._class_weight)
            yield as_fit_passes(x, y, sample_weight)

    def _rows(self, rows):
        if self._columns is not None:
            return self._columns.pack(rows)
        return keras.tree.map_structure(lambda a: None if a is None else a[rows], self._data)


class _Drawn:
    """The batches that a script makes. An epoch of so many steps goes on where the one before has ended."""

    def __init__(self, work):
        self._dataset = dataset_of(work.given)
        if self._dataset.steps is None:
            raise Failure("job", "the script's data has no end, and no steps_per_epoch says what an epoch is")
        self._goes_on = work.given["steps_per_epoch"] is not None
        self._passing = None

    def epoch(self):
        """Yield the batches of an epoch."""
        if not self._goes_on or self._passing is None:
            self._passing = iter(self._dataset.batches)
        with self._dataset.epoch():
            for number, batch in enumerate(self._passing, 1):
                yield batch
                if number == self._dataset.steps:
                    return
        self._passing = None
