"""Which calls of fit are phases of their own, and which train what an earlier one does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen import phases
from pygen.author import calls, fitting
from pygen.author.fitting import Call
from pygen.author.limit import EndlessError
from pygen.errors import ExportError

X, Y = np.zeros((64, 4), "float32"), np.zeros((64, 1), "float32")
GIVEN = dict.fromkeys(["batch_size", "steps_per_epoch", "validation_split", "validation_data"])


def what(layers, built=True, optimizer="sgd", x=X, line=7, **given):
    """What a call of fit trains, of a new model as a script's function makes one."""
    return calls.what(call(layers, built, optimizer, x=x, line=line, **given))


def call(layers, built=True, optimizer="sgd", line=7, **given):
    model = keras.Sequential(([keras.Input((4,))] if built else []) + layers)
    model.compile(optimizer, "mse", metrics=["mae"])
    return Call(model, GIVEN | {"x": X, "y": Y} | given, line)


def dense(units=8, **options):
    return [keras.layers.Dense(units, **options), keras.layers.Dense(1)]


def batches(rows, size=8):
    return tf.data.Dataset.from_tensor_slices((X[:rows], Y[:rows])).batch(size)


@pytest.mark.parametrize("built", [True, False], ids=["built", "not built"])
def test_a_loop_over_the_same_is_one_phase(built):
    assert what(dense(), built) == what(dense(), built)
    assert what(dense(), built, x=batches(64)) == what(dense(), built, x=batches(64))


@pytest.mark.parametrize("built", [True, False], ids=["built", "not built"])
@pytest.mark.parametrize(
    "other",
    [
        lambda built: what(dense(16), built),
        lambda built: what(dense(activation="relu"), built),
        lambda built: what(dense(), built, optimizer="adam"),
        lambda built: what(dense(), built, x=X[:32]),
        lambda built: what(dense(), built, batch_size=16),
        lambda built: what(dense(), built, validation_data=(X, Y)),
        lambda built: what(dense(), built, x=batches(64)),
        lambda built: what(dense(), built, line=8),
    ],
    ids=["width", "activation", "optimizer", "examples", "batch", "validation", "data set", "line"],
)
def test_another_graph_or_epoch_is_another_phase(built, other):
    assert what(dense(), built) != other(built)


def test_data_sets_of_other_lengths_or_shapes():
    assert len({what(dense(), x=batches(*rows)) for rows in ((64,), (32,))}) == 2
    cut = batches(64).map(lambda x, y: (x, (y, y)))
    assert what(dense(), x=batches(64)) != what(dense(), x=cut)


def test_a_fit_that_is_called_again_and_again():
    taken, same = phases.Phases(None, None, None, None), call(dense())
    taken.calls = {taken.numbers.add(same): phases.MOST_CALLS - 2}
    assert taken.take(same) is False
    with pytest.raises(EndlessError, match="line 7 1000 times"):
        taken.take(same)


def test_validation_without_an_end():
    given = dict.fromkeys(["sample_weight", "class_weight", "validation_batch_size", "validation_steps", "callbacks"])
    given |= {"shuffle": True, "epochs": 1, "initial_epoch": 0, "validation_freq": 1}
    with pytest.raises(ExportError, match="validation is given data without an end: give it validation_steps"):
        fitting.author(call(dense(), **given, validation_data=batches(64).repeat()))
