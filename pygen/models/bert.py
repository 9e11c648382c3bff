"""Small BERT: an encoder of 3 blocks over 64 tokens predicts 10 masked ones and whether two sentences follow."""

import keras
from keras import layers, ops

from pygen.examples import data

DATA = data.Recipe(
    tokens=data.integers(0, 1000),
    segments=data.integers(0, 2),
    places=data.integers(0, 64),
    masked=data.integers(0, 1000),
    follows=data.integers(0, 2),
)
SETTINGS = data.Settings(samples=256, batch=16, epochs=3)


class Positions(layers.Layer):
    """Adds one learned vector for each place of a sequence (batch, length, width)."""

    def build(self, shape):
        """Make the vectors: (length, width)."""
        self.vectors = self.add_weight(shape=shape[1:], initializer=keras.initializers.TruncatedNormal(stddev=0.02))

    def call(self, x):
        """Return x with the vectors added."""
        return x + self.vectors


def block(x, heads, dropout):
    """One encoder block: attention to all tokens, then a feed-forward layer; each is added and normalized."""
    width = x.shape[-1]
    seen = layers.MultiHeadAttention(heads, width // heads, dropout=dropout)(x, x)
    x = layers.LayerNormalization(epsilon=1e-12)(x + layers.Dropout(dropout)(seen))
    thought = layers.Dense(4 * width, activation="gelu")(x)
    thought = layers.Dense(width)(thought)
    return layers.LayerNormalization(epsilon=1e-12)(x + layers.Dropout(dropout)(thought))


def build(vocabulary=1000, length=64, hidden=10, width=128, depth=3, heads=4, dropout=0.1):
    """Return the compiled model with two outputs, logits both.

    Takes int `tokens` and `segments` (batch, length) and the `places` of hidden tokens (batch, hidden). Gives
    `masked`, what stood there (batch, hidden, vocabulary), and `follows`, whether segment 1 follows 0 (batch, 2).
    """
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    segments = keras.Input((length,), dtype="int32", name="segments")
    places = keras.Input((hidden,), dtype="int32", name="places")

    embedding = layers.ReversibleEmbedding(vocabulary, width)  # the head shares its weights
    x = Positions()(embedding(tokens) + layers.Embedding(2, width)(segments))
    x = layers.Dropout(dropout)(layers.LayerNormalization(epsilon=1e-12)(x))
    for _ in range(depth):
        x = block(x, heads, dropout)

    there = ops.take_along_axis(x, ops.expand_dims(places, -1), axis=1)
    there = layers.LayerNormalization(epsilon=1e-12)(layers.Dense(width, activation="gelu")(there))
    masked = layers.Identity(name="masked")(embedding(there, reverse=True))
    follows = layers.Dense(2, name="follows")(layers.Dense(width, activation="tanh")(x[:, 0]))

    model = keras.Model([tokens, segments, places], {"masked": masked, "follows": follows})
    model.compile(
        optimizer=keras.optimizers.AdamW(1e-4, weight_decay=0.01),
        loss={
            "masked": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "follows": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        },
    )
    return model
