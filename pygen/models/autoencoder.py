"""Convolutional autoencoder on 28×28 images: two strided convolutions to a code of 7×7×8, two transposed ones back."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(0, 1), y=data.linear("x", slope=1, noise=0))
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)


def build(input_shape=(28, 28, 1)):
    """Return the compiled model: float images (batch, *input_shape), sides divisible by 4, to the same images."""
    model = keras.Sequential(
        [
            keras.Input(input_shape, name="x"),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="code"),
            layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(input_shape[-1], 3, padding="same", activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(), loss="mean_squared_error")
    return model
