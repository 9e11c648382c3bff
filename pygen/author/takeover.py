"""A script that calls model.fit(...): it runs up to that call, which gives the model and its examples."""

import contextlib
import itertools
import runpy
import sys
from unittest import mock

import numpy as np

from pygen.author import faults
from pygen.author.faults import located
from pygen.author.notices import Notices
from pygen.errors import ExportError

MOST_BYTES = 1 << 30


class Fit(BaseException):
    """What a call of fit(...) raises in place of training: the model, its examples, and how it would be trained.

    It is no Exception, because scripts catch those.
    """

    def __init__(
        self, model, x=None, y=None, batch_size=None, epochs=1, class_weight=None, sample_weight=None, steps=None
    ):
        """Take what fit(...) was called with."""
        super().__init__()
        self.model, self.epochs, self.class_weight = model, epochs, class_weight
        self.notices = Notices()
        self.notices.say("fit", f"what its fit(...) at {faults.caller()} would train is timed")
        self.batch_size = batch_size
        self.examples = (x, y, sample_weight) if y is not None else x
        self.read(x, steps)

    def read(self, x, steps):
        """Read the examples of a data set or generator into memory: one epoch of them, at most 1 GiB."""
        self.samples = _count(x)
        if self.samples is None:
            with located("the data that fit(...) is given cannot be read"):
                batches, self.batch_size = _batches(x, steps, self.notices)
                self.examples = _join(batches)
            self.samples = _count(self.examples[0] if isinstance(self.examples, tuple) else self.examples)


@contextlib.contextmanager
def watching():
    """Within it, a call of any model's fit(...) raises Fit."""
    import keras

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        **_,
    ):
        if validation_split and y is not None:
            cut = int(_count(x) * (1 - validation_split))
            x, y, sample_weight = keras.tree.map_structure(
                lambda a: None if a is None else a[:cut], (x, y, sample_weight)
            )
        raise Fit(self, x, y, batch_size, epochs - initial_epoch, class_weight, sample_weight, steps_per_epoch)

    with mock.patch.object(keras.Model, "fit", fit):
        yield


def as_script(path):
    """Run the file at `path` as a script. Its call of fit(...) raises Fit; without one, ExportError is raised."""
    with located(f"{path} fails"), mock.patch.object(sys, "argv", [path]):
        runpy.run_path(path, run_name="__main__")
    raise ExportError(f"{path} calls no model.fit(...), and has no function build() that returns a Keras model")


def _count(x):
    """Return the number of examples of arrays, or None for a data set or generator."""
    import keras

    leaves = keras.tree.flatten(x)
    if leaves and all(hasattr(leaf, "shape") and hasattr(leaf, "__len__") for leaf in leaves):
        return len(leaves[0])
    if isinstance(x, list) and x and not hasattr(x[0], "__next__"):
        return len(x)
    return None


def _batches(x, steps, notices):
    """Return (batches of one epoch, as nests of arrays, and the size of the first batch). Raises ExportError."""
    import keras
    import tensorflow as tf

    if isinstance(x, tf.data.Dataset):
        batches, endless = x.as_numpy_iterator(), x.cardinality() == tf.data.INFINITE_CARDINALITY
    elif isinstance(x, keras.utils.PyDataset):
        batches, endless = (x[i] for i in range(x.num_batches or 0)), x.num_batches is None
    elif hasattr(x, "__next__") or hasattr(x, "__iter__"):
        batches, endless = iter(x), steps is None
    else:
        raise ExportError(f"fit(...) is given {type(x).__name__}, which is no array, data set or generator")
    if endless and steps is None:
        raise ExportError("fit(...) is given data without an end: give it steps_per_epoch, which is an epoch then")
    notices.say("pipeline", "what its data set does to each example was done once, at the export, and is not timed")
    kept, size = [], 0
    for batch in itertools.islice(batches, steps):
        batch = keras.tree.map_structure(np.asarray, batch)
        size += sum(array.nbytes for array in keras.tree.flatten(batch))
        if size > MOST_BYTES:
            notices.say("pipeline", f"only the first {len(kept)} batches of its data set are kept, 1 GiB")
            break
        kept.append(batch)
    if not kept:
        raise ExportError("fit(...) is given data without a batch")
    return kept, len(keras.tree.flatten(kept[0])[0])


def _join(batches):
    """Return the batches as arrays of examples, or lists of them where their lengths differ."""
    import keras

    def join(*arrays):
        if len({array.shape[1:] for array in arrays}) == 1:
            return np.concatenate(arrays)
        rows = np.empty(sum(map(len, arrays)), object)
        rows[:] = [row for array in arrays for row in array]
        return rows

    return keras.tree.map_structure(join, *batches)
