"""A small image classifier: the least that a model file holds."""

import keras
from keras import layers


def build(width=64):
    """Return the compiled model: images (batch, 28, 28) to probabilities (batch, 10)."""
    images = keras.Input((28, 28))
    x = layers.Flatten()(images)
    x = layers.Dense(width, activation="relu")(x)
    x = layers.Dropout(0.2)(x)
    model = keras.Model(images, layers.Dense(10, activation="softmax")(x))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
