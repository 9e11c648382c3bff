"""Texts of different lengths: 0 is padding, which the recurrent layers skip."""

import keras
from keras import layers


def build():
    """Return the compiled model: tokens (batch, length) to one of 5 topics."""
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="tokens"),
            layers.Embedding(500, 16, mask_zero=True),
            layers.Bidirectional(layers.GRU(16, return_sequences=True)),
            layers.LSTM(16),
            layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
