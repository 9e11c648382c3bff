"""Temporal convolution network (Bai, 2018) on series of 128 steps: 5 causal blocks, each looking twice as far back."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.normal(0, 1), y=data.normal(0, 1))
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)


def block(x, filters, dilation, dropout):
    """Two dilated convolutions that see no later step, added to what came in."""
    y = x
    for _ in range(2):
        y = layers.Conv1D(filters, 3, padding="causal", dilation_rate=dilation, activation="relu")(y)
        y = layers.SpatialDropout1D(dropout)(y)
    if x.shape[-1] != filters:
        x = layers.Conv1D(filters, 1)(x)
    return layers.ReLU()(x + y)


def build(input_shape=(128, 4), outputs=1, filters=32, depth=5, dropout=0.1):
    """Return the compiled model: float series (batch, length, columns) to the values that follow (batch, outputs)."""
    series = keras.Input(input_shape, name="x")
    x = series
    for level in range(depth):
        x = block(x, filters, 2**level, dropout)
    model = keras.Model(series, layers.Dense(outputs)(x[:, -1]))
    model.compile(optimizer=keras.optimizers.Adam(0.002, clipnorm=1.0), loss="mean_squared_error")
    return model
