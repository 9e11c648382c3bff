"""Linear regression: one Dense layer, mean squared error, SGD over the full batch."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.normal(0, 1), y=data.linear("x", slope=2, noise=0.1))
SETTINGS = data.Settings(samples=100, batch=None, epochs=100)


def build(input_shape=(1,)):
    """Return the compiled model: float x (batch, *input_shape) to one float (batch, 1)."""
    model = keras.Sequential(
        [
            keras.Input(input_shape, name="x"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mean_squared_error")
    return model
