"""Embeddings of tokens, of their places and of segments in one layer: each has a table of its own size."""

import keras
import numpy as np
from keras import layers, ops


class Embeddings(layers.Layer):
    """Adds the embeddings of tokens (batch, length), of their places and of segments (batch, length)."""

    def __init__(self, words, places, width):
        super().__init__()
        self.words = layers.Embedding(words, width)
        self.places = layers.Embedding(places, width)
        self.segments = layers.Embedding(2, width)

    def call(self, given):
        """Return (batch, length, width)."""
        tokens = given["tokens"]
        return self.words(tokens) + self.places(ops.arange(ops.shape(tokens)[1])) + self.segments(given["segments"])


given = {name: keras.Input((80,), dtype="int32", name=name) for name in ("tokens", "segments")}
pooled = layers.GlobalAveragePooling1D()(Embeddings(5000, 80, 16)(given))
model = keras.Model(given, layers.Dense(1, activation="sigmoid")(pooled))
model.compile(optimizer="adam", loss="binary_crossentropy")

random = np.random.default_rng(0)
x = {"tokens": random.integers(0, 5000, (200, 80)), "segments": random.integers(0, 2, (200, 80))}
model.fit(x, random.integers(0, 2, 200), batch_size=20)
