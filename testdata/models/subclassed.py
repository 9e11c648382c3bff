"""A subclassed model, built by its first call."""

import keras
import numpy as np
from keras import layers, ops


class Gated(keras.Model):
    """Two Dense layers, of which the second decides how much of the first counts."""

    def __init__(self, width):
        super().__init__()
        self.value = layers.Dense(width)
        self.gate = layers.Dense(width, activation="sigmoid")
        self.dropout = layers.Dropout(0.3)
        self.head = layers.Dense(1)

    def call(self, inputs, training=False):
        """Return one value for each example: (batch, 16) to (batch, 1)."""
        x = self.value(inputs) * self.gate(inputs)
        self.add_loss(1e-4 * ops.mean(ops.square(x)))
        return self.head(self.dropout(x, training=training))


def build(width=32):
    """Return the compiled model."""
    model = Gated(width)
    model(np.zeros((1, 16), "float32"))
    model.compile(optimizer="sgd", loss="mse")
    return model
