"""A model that is not compiled: loss and optimizer come from the command line."""

import keras
from keras import layers


def build():
    """Return the model: (batch, 6) to probabilities (batch, 4)."""
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(4, activation="softmax")]
    )
