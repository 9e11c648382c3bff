"""The start weights of a graph, in a model that is built again."""

import keras
import numpy as np

from pygen.examples.source import SEED
from pygen.folder import start
from pygen.models import gru


def test_a_model_gets_the_weights_that_the_graph_starts_with(graphs):
    keras.utils.set_random_seed(SEED)
    exported = gru.build()
    keras.utils.set_random_seed(SEED + 1)
    other = gru.build()
    assert any(not np.array_equal(a, b) for a, b in zip(other.get_weights(), exported.get_weights(), strict=True))
    assert start.load(other, graphs / "gru")
    for got, want in zip(other.get_weights(), exported.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)


def test_weights_of_another_shape_stay(graphs):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])
    kept = [weight.copy() for weight in model.get_weights()]
    start.load(model, graphs / "linear")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), kept, strict=True))


def test_a_graph_without_weights(tmp_path):
    assert not start.load(keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)]), tmp_path)
