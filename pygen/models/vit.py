"""Vision transformer on 32×32 images: 64 patches of 4×4 through 4 encoder blocks of width 64, 10 classes."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(0, 1), y=data.integers(0, 10))
SETTINGS = data.Settings(samples=500, batch=32, epochs=3)


class Positions(layers.Layer):
    """Adds one learned vector for each patch of an image (batch, patches, width)."""

    def build(self, shape):
        """Make the vectors: (patches, width)."""
        self.vectors = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x):
        """Return x with the vectors added."""
        return x + self.vectors


def block(x, heads, dropout):
    """One encoder block: attention to all patches, then a feed-forward layer; each is added to its input."""
    width = x.shape[-1]
    seen = layers.LayerNormalization(epsilon=1e-6)(x)
    x = x + layers.MultiHeadAttention(heads, width // heads, dropout=dropout)(seen, seen)
    thought = layers.LayerNormalization(epsilon=1e-6)(x)
    thought = layers.Dropout(dropout)(layers.Dense(2 * width, activation="gelu")(thought))
    return x + layers.Dropout(dropout)(layers.Dense(width)(thought))


def build(input_shape=(32, 32, 3), classes=10, patch=4, width=64, depth=4, heads=4, dropout=0.1):
    """Return the compiled model: float images (batch, *input_shape) to logits (batch, classes)."""
    images = keras.Input(input_shape, name="x")
    patches = layers.Conv2D(width, patch, strides=patch)(images)
    x = Positions()(layers.Reshape((-1, width))(patches))
    for _ in range(depth):
        x = block(x, heads, dropout)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
    model = keras.Model(images, layers.Dense(classes)(x))
    model.compile(
        optimizer=keras.optimizers.AdamW(1e-3, weight_decay=1e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
