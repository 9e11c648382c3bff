"""What is found out of a pipeline: whether its order is fixed, and how long it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen import drawing
from pygen.author.notices import Notices
from pygen.author.origin import Batches
from pygen.errors import ExportError

X = np.arange(600, dtype="float32").reshape(200, 3)


def found(dataset, folder, steps=None):
    """The pipeline of a data set of x."""
    model = keras.Sequential([keras.layers.Dense(1)])
    _, pipeline = drawing.pipeline_of(Batches(dataset, steps), model, Notices(), folder)
    return pipeline


def begun(dataset):
    """The data set, of which a script has looked at the first element."""
    next(iter(dataset))
    return dataset


@pytest.mark.parametrize(
    ("make", "fixed"),
    [
        (lambda d: d.batch(8), True),
        (lambda d: d.shuffle(200).batch(8), False),
        (lambda d: d.shuffle(200).batch(8).cache(), False),  # each launch keeps another order
        (lambda d: begun(d.shuffle(200, seed=3)).batch(8).cache(), False),
        (lambda d: d.batch(8).cache(), True),
        (lambda d: d.shuffle(200, seed=3, reshuffle_each_iteration=False).batch(8), True),
    ],
    ids=["plain", "shuffled", "shuffled and cached", "by a seed, begun", "cached", "shuffled once"],
)
def test_whether_each_pass_is_the_same(tmp_path, make, fixed):
    dataset = make(tf.data.Dataset.from_tensor_slices(X))
    assert found(dataset, tmp_path).fixed is fixed


@pytest.mark.parametrize("rows", [0, 200])
def test_validation_without_a_batch(tmp_path, rows):
    from pygen import prepare
    from pygen.author.origin import Author, Validation

    validation = Validation(Batches(tf.data.Dataset.from_tensor_slices(X[:rows]).batch(8)), [])
    author = Author(keras.Sequential([keras.layers.Dense(1)]), validation=validation)
    made = prepare._validation(author, tmp_path)
    assert (made is None) == (rows == 0)
    assert [notice["about"] for notice in author.notices] == ([] if rows else ["validation"])
    with pytest.raises(drawing.EmptyError, match="without a batch"):
        found(tf.data.Dataset.from_tensor_slices(X[:0]).batch(8), tmp_path)


def test_a_fit_without_an_end_is_refused():
    from pygen.author import fitting

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    given = dict.fromkeys(
        ["y", "batch_size", "callbacks", "validation_data", "class_weight", "sample_weight", "steps_per_epoch"]
    )
    given |= {"x": tf.data.Dataset.from_tensor_slices(X).repeat().batch(8), "shuffle": True, "validation_split": 0.0}
    given |= {"epochs": 1, "initial_epoch": 0}
    with pytest.raises(ExportError, match="without an end.*steps_per_epoch"):
        fitting.author(fitting.Call(model, given))
    given["steps_per_epoch"] = 4
    assert fitting.author(fitting.Call(model, given)).batches.steps == 4
