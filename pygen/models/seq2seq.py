"""Sequence to sequence with attention (Luong, 2015): a bidirectional GRU reads 20 words, a GRU writes 20 of its own."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(
    source=data.integers(1, 1000),
    written=data.integers(1, 1000),
    y=data.integers(1, 1000),
)
SETTINGS = data.Settings(samples=500, batch=32, epochs=5)


def build(vocabulary=1000, length=20):
    """Return the compiled model: int tokens `source` and `written` so far (batch, length) to logits of the next words.

    0 is padding. The logits are (batch, length, vocabulary).
    """
    source = keras.Input((length,), dtype="int32", name="source")
    written = keras.Input((length,), dtype="int32", name="written")

    words = layers.Embedding(vocabulary, 64, mask_zero=True)(source)
    read, forward, backward = layers.Bidirectional(layers.GRU(32, return_sequences=True, return_state=True))(words)

    words = layers.Embedding(vocabulary, 64, mask_zero=True)(written)
    states = layers.GRU(64, return_sequences=True)(words, initial_state=layers.Concatenate()([forward, backward]))
    context = layers.Attention()([states, read])
    attentional = layers.Dense(64, activation="tanh")(layers.Concatenate()([states, context]))

    model = keras.Model([source, written], layers.Dense(vocabulary)(attentional))
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
