"""Calls of fit(...) in a script: what each would train, and an answer that lets the script go on."""

import contextlib
import inspect
import os
from dataclasses import dataclass
from unittest import mock

from pygen.author import faults, honoured, own
from pygen.author.answers import Answers
from pygen.author.faults import located
from pygen.author.notices import Notices
from pygen.author.origin import SETTINGS, VALIDATION, Author, Batches, Validation
from pygen.errors import ExportError
from pygen.examples import dense
from pygen.examples.data import Settings

_GIVER = "fit(...) is given"


@dataclass
class Call:
    """A call of fit: the compiled model, the arguments by name, and the line of the author's file."""

    model: object
    given: dict
    line: int = 0


@contextlib.contextmanager
def watching(take, answers=None):
    """Within it, `take` gets each call of a model's fit(...) as a `Call`, and Keras then trains one step in its place.

    What Keras reports of that step is the History of all epochs that the script asks for. `take` returns False for a
    call that trains what an earlier one does: its model then gets the History of that from `answers.Answers`.
    """
    import keras

    original = keras.Model.fit
    signature = inspect.signature(original)

    script = os.getpid()

    def fit(self, *arguments, **named):
        if own.running():
            return original(self, *arguments, **named)
        if os.getpid() != script:  # in a fork, TensorFlow would wait for threads that only this process has
            raise RuntimeError("fit(...) is called in a process that the script has started, where it cannot be seen")
        bound = signature.bind(self, *arguments, **named)  # a TypeError is the script's own
        bound.apply_defaults()
        given = {key: value for key, value in bound.arguments.items() if key != "self"}
        with own.code():
            new = take(Call(self, given, faults.calling_line()))
            history = None if new else answers.repeated(self)
            if history is None:
                history = _answer(original, self, given)
                history.history = answers.history(history.history)
                answers.trained(self, history)
            return history

    answers = answers or Answers()
    with answers.watching(), mock.patch.object(keras.Model, "fit", fit):
        yield


def _answer(original, model, given):
    """Let Keras train and validate one step, and return a History that repeats its logs for every epoch."""
    first, last = given["initial_epoch"], given["epochs"]
    short = {"epochs": first + 1, "steps_per_epoch": 1, "verbose": 0}
    if given["validation_data"] is not None or given["validation_split"]:
        short["validation_steps"] = 1
    per_execution, model.steps_per_execution = model.steps_per_execution, 1
    try:
        history = original(model, **given | short)
    finally:
        model.steps_per_execution = per_execution
        model.train_function = model.test_function = None
    count = max(1, last - first)
    history.history = {name: values[-1:] * count for name, values in history.history.items()}
    history.epoch = list(range(first, first + count))
    history.params |= {"epochs": last}
    return history


def author(call):
    """Return the Author of what a call of fit would train. Raises ExportError."""
    from keras.src.trainers.data_adapters import get_data_adapter
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    given = dict(call.given)
    notices = Notices()
    honoured.say(notices, call.model, given)
    data = given["x"], given["y"], given["sample_weight"]
    dense.check(data, _GIVER, ragged=False)
    if given["validation_split"] and given["validation_data"] is None:
        data, given["validation_data"] = train_validation_split(data, given["validation_split"])
    settings = {"batch_size": given["batch_size"], "steps_per_epoch": given["steps_per_epoch"]}
    with located("the data that fit(...) is given cannot be read"):
        adapter = get_data_adapter(*data, **settings, shuffle=given["shuffle"], class_weight=given["class_weight"])
        validation = _validation(given)
    epochs = max(1, min(given["epochs"] - given["initial_epoch"], SETTINGS.epochs))
    if isinstance(adapter, ArrayDataAdapter) and not given["steps_per_epoch"]:
        batch = given["batch_size"] or SETTINGS.batch
        x, y, sample_weight = data
        return Author(
            call.model,
            Settings(len(_first_leaf(x)), batch, epochs),
            (x, y, sample_weight) if y is not None else x,
            giver=_GIVER,
            class_weight=given["class_weight"] or {},
            batch=batch,
            shuffle=bool(given["shuffle"]),
            validation=validation,
            notices=notices,
        )
    batches = Batches(adapter.get_tf_dataset(), given["steps_per_epoch"], _source(given["x"]))
    return Author(
        call.model,
        Settings(SETTINGS.samples, SETTINGS.batch, epochs),
        batches=_bounded(batches, adapter),
        validation=validation,
        notices=notices,
    )


def _first_leaf(x):
    import keras

    return keras.tree.flatten(x)[0]


def _source(x):
    """Return what makes batches, in words: "" for a tf.data pipeline or arrays."""
    import keras
    import tensorflow as tf

    if isinstance(x, tf.data.Dataset) or hasattr(_first_leaf(x), "shape"):
        return ""
    return f"{type(x).__name__} (a PyDataset)" if isinstance(x, keras.utils.PyDataset) else f"a {type(x).__name__}"


def _bounded(batches, adapter):
    """Return the batches with the number that Keras takes of an adapter which tells it. Raises ExportError."""
    import tensorflow as tf

    if batches.steps is None and batches.source:
        batches.whole = adapter.num_batches
    if batches.steps is None and not batches.whole and (batches.dataset.cardinality() == tf.data.INFINITE_CARDINALITY):
        raise ExportError(f"{batches.of} is given data without an end: {batches.bounded_by()}")
    return batches


def _validation(given):
    """Return the `Validation` of what fit is given, or None."""
    from keras.src.trainers.data_adapters import get_data_adapter
    from keras.src.trainers.data_adapters.data_adapter_utils import unpack_x_y_sample_weight

    if given["validation_data"] is None:
        return None
    adapter = get_data_adapter(
        *unpack_x_y_sample_weight(given["validation_data"]),
        batch_size=given["validation_batch_size"] or given["batch_size"],
        steps_per_epoch=given["validation_steps"],
        shuffle=False,
    )
    batches = Batches(
        adapter.get_tf_dataset(), given["validation_steps"], _source(given["validation_data"]), of=VALIDATION
    )
    every = given["validation_freq"]
    listed = [] if every == 1 else [every] if isinstance(every, int) else sorted(every)
    if len(listed) == 1 and not isinstance(every, int):
        listed *= 2  # one number is each n-th epoch
    return Validation(_bounded(batches, adapter), listed)
