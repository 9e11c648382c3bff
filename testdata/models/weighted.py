"""A weight for every example."""

import keras
import numpy as np
from keras import layers


def build():
    """Return the compiled model: (batch, 10) to one probability (batch, 1)."""
    model = keras.Sequential(
        [keras.Input((10,)), layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", weighted_metrics=["accuracy"])
    return model


def data(n, seed):
    """Return n examples, their labels and their weights."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 10)).astype("float32")
    y = (x[:, :1] > 1).astype("float32")
    weight = random.uniform(0.5, 2, n).astype("float32")
    return x, y, weight
