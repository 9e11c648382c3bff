"""What is found out of a pipeline: whether its order is fixed, and how long it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen import drawing
from pygen.author.notices import Notices
from pygen.author.origin import Batches

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
