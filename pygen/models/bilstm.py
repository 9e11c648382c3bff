"""Bidirectional LSTM on texts of 20 to 60 words: two layers that read both ways and skip the padding, one yes or no."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.integers(1, 5000, lengths=(20, 60)), y=data.integers(0, 2))
SETTINGS = data.Settings(samples=500, batch=32, epochs=5)


def build(vocabulary=5000, length=None):
    """Return the compiled model: int tokens (batch, length), 0 is padding, to one probability (batch, 1)."""
    model = keras.Sequential(
        [
            keras.Input((length,), dtype="int32", name="x"),
            layers.Embedding(vocabulary, 64, mask_zero=True),
            layers.Bidirectional(layers.LSTM(32, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(32)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(), loss="binary_crossentropy")
    return model
