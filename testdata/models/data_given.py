"""A model with the data it is to be timed on: sequences of different lengths, as a list."""

import keras
import numpy as np
from keras import layers

fit = {"batch_size": 8, "epochs": 3}


def build():
    """Return the compiled model: a series (batch, length, 2) to its sum (batch, 1)."""
    model = keras.Sequential([keras.Input((None, 2)), layers.Masking(0.0), layers.GRU(8), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


def data(n, seed):
    """Return n series of 3 to 12 steps and the sum of each."""
    random = np.random.default_rng(seed)
    x = [random.normal(size=(random.integers(3, 13), 2)).astype("float32") for _ in range(n)]
    y = np.array([[series.sum()] for series in x], "float32")
    return x, y
