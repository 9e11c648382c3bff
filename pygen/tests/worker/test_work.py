"""Tests of what is to be trained."""

import keras
import numpy as np

from pygen.worker import work


def test_one_batch_in_memory_has_the_loss_of_the_arrays():
    """Keras counts the examples of a step too many where data does not say how many batches it has."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.ones((10, 1), "float32"), np.full((10, 1), 3.0, "float32")
    given = work.call_of(model, x=x, y=y, batch_size=10, shuffle=False, verbose=0, epochs=2).given
    config = {"batch": 10, "samples": 10, "shuffle": False, "pipeline": "memory"}
    settled = work._batches(model, dict(given), config, {"batch": 10, "samples": 10})
    assert (settled.pipeline, settled.steps, settled.samples) == ("memory", 1, 10)
    assert model.fit(**settled.given).history["loss"] == [9.0, 9.0]
