"""Convolutional network on 28×28 images: one convolution, pooling, softmax, Adam over the full batch."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(0, 1), y=data.integers(0, 10))
SETTINGS = data.Settings(samples=1000, batch=None, epochs=10, file_batch=32)


def build(input_shape=(28, 28, 1), classes=10, width=32):
    """Return the compiled model: float images (batch, *input_shape) to probabilities (batch, classes)."""
    model = keras.Sequential(
        [
            keras.Input(input_shape, name="x"),
            layers.Conv2D(width, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return model
