"""A label for every token of a sequence of any length."""

import keras
from keras import layers


def build():
    """Return the compiled model: tokens (batch, length) to probabilities (batch, length, 5)."""
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="tokens"),
            layers.Embedding(500, 16, mask_zero=True),
            layers.LSTM(16, return_sequences=True),
            layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
