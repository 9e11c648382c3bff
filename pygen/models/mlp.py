"""Multilayer perceptron on 28×28 images: two hidden Dense layers of 128, softmax, Adam."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(0, 1), y=data.integers(0, 10))
SETTINGS = data.Settings(samples=1000, batch=32, epochs=10)


def build(input_shape=(28, 28), classes=10, width=128):
    """Return the compiled model: float images (batch, *input_shape) to probabilities (batch, classes)."""
    model = keras.Sequential(
        [
            keras.Input(input_shape, name="x"),
            layers.Flatten(),
            layers.Dense(width, activation="relu"),
            layers.Dense(width, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return model
