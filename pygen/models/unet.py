"""U-Net on 64×64 images: three levels down and up with the fine detail passed across, 3 classes for each pixel."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(0, 1), y=data.integers(0, 3))
SETTINGS = data.Settings(samples=64, batch=8, epochs=3)


def convolutions(x, filters):
    """Two convolutions of 3×3, each normalised over the batch."""
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return x


def build(input_shape=(64, 64, 3), classes=3, filters=(16, 32, 64), bottom=128):
    """Return the compiled model: float images (batch, *input_shape) to probabilities for each pixel.

    The sides are divisible by 8; the probabilities are (batch, height, width, classes).
    """
    images = keras.Input(input_shape, name="x")
    x, across = images, []
    for width in filters:
        x = convolutions(x, width)
        across.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convolutions(x, bottom)
    for width, detail in zip(reversed(filters), reversed(across), strict=True):
        x = layers.Conv2DTranspose(width, 2, strides=2)(x)
        x = convolutions(layers.Concatenate()([x, detail]), width)
    model = keras.Model(images, layers.Conv2D(classes, 1, activation="softmax")(x))
    model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return model
