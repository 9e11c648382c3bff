"""Recommendation model (DLRM, 2019): 26 categories embedded, dot products of all pairs, two stacks of Dense layers."""

import keras
import numpy as np
from keras import layers, ops

from pygen.examples import data

DATA = data.Recipe(numbers=data.normal(0, 1), categories=data.integers(0, 1000), y=data.integers(0, 2))
SETTINGS = data.Settings(samples=5000, batch=128, epochs=5)


class Interaction(layers.Layer):
    """Dot products of all pairs of the vectors (batch, count, width): (batch, count·(count−1)/2)."""

    def call(self, vectors):
        """Return the products, each pair once."""
        count = vectors.shape[1]
        products = ops.matmul(vectors, ops.transpose(vectors, (0, 2, 1)))
        row, column = np.tril_indices(count, -1)
        return ops.take(ops.reshape(products, (-1, count * count)), row * count + column, axis=1)


def stack(x, widths):
    """Dense layers one after the other."""
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
    return x


def build(columns=13, tables=26, rows=1000, width=16):
    """Return the compiled model: float `numbers` (batch, columns), int `categories` (batch, tables) to one probability.

    Each category has `rows` values and a table of its own; the probability is (batch, 1).
    """
    numbers = keras.Input((columns,), name="numbers")
    categories = keras.Input((tables,), dtype="int32", name="categories")

    bottom = stack(numbers, (128, 64, width))
    places = categories + np.arange(tables, dtype="int32") * rows  # all tables lie in one, end to end
    embedded = layers.Embedding(tables * rows, width)(places)
    vectors = layers.Concatenate(axis=1)([layers.Reshape((1, width))(bottom), embedded])
    top = stack(layers.Concatenate()([bottom, Interaction()(vectors)]), (128, 64))

    model = keras.Model([numbers, categories], layers.Dense(1, activation="sigmoid")(top))
    model.compile(optimizer=keras.optimizers.Adagrad(0.01), loss="binary_crossentropy")
    return model
