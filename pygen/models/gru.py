"""GRU network on sequences of 50 tokens: embedding of 32, 64 units, logits from the last step, Adam."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.integers(0, 20, lengths=(50, 50)), y=data.integers(0, 20))
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)


def build(vocabulary=20, classes=20, length=None, unroll=False, width=64):
    """Return the compiled model: int tokens (batch, length) to logits (batch, classes). Padding is not masked."""
    model = keras.Sequential(
        [
            keras.Input((length,), dtype="int32", name="x"),
            layers.Embedding(vocabulary, 32),
            layers.GRU(width, unroll=unroll),
            layers.Dense(classes),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.001),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
