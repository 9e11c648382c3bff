"""Small GPT (after nanoGPT): a causal decoder of 4 blocks, 4 heads and width 128 predicts the next of 64 tokens."""

import keras
from keras import layers, ops

from pygen.examples import data

DATA = data.Recipe(x=data.integers(0, 256), y=data.integers(0, 256))
SETTINGS = data.Settings(samples=256, batch=16, epochs=3)


class Positions(layers.Layer):
    """Adds one learned vector for each place of a sequence (batch, length, width)."""

    def build(self, shape):
        """Make the vectors: (length, width)."""
        self.vectors = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x):
        """Return x with the vectors added."""
        return x + self.vectors


def block(x, heads, dropout):
    """One decoder block: attention to the tokens before, then a feed-forward layer; each is added to its input."""
    width = x.shape[-1]
    seen = layers.LayerNormalization(epsilon=1e-5)(x)
    seen = layers.MultiHeadAttention(heads, width // heads, dropout=dropout)(seen, seen, use_causal_mask=True)
    x = x + layers.Dropout(dropout)(seen)
    thought = layers.LayerNormalization(epsilon=1e-5)(x)
    thought = layers.Dense(4 * width, activation=lambda h: ops.gelu(h, approximate=True))(thought)
    thought = layers.Dense(width)(thought)
    return x + layers.Dropout(dropout)(thought)


def build(vocabulary=256, length=64, width=128, depth=4, heads=4, dropout=0.1):
    """Return the compiled model: int tokens (batch, length) to logits of the next ones (batch, length, vocabulary)."""
    tokens = keras.Input((length,), dtype="int32", name="x")
    embedding = layers.ReversibleEmbedding(vocabulary, width)  # the head shares its weights
    x = layers.Dropout(dropout)(Positions()(embedding(tokens)))
    for _ in range(depth):
        x = block(x, heads, dropout)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    model = keras.Model(tokens, embedding(x, reverse=True))
    model.compile(
        optimizer=keras.optimizers.AdamW(1e-3, weight_decay=0.1, beta_2=0.95, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
