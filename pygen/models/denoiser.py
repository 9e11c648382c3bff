"""Diffusion denoiser on 16×16 images: noises them to a random degree and learns to tell the noise (DDPM, 2020)."""

import math

import keras
import tensorflow as tf
from keras import layers, ops

from pygen.examples import data

DATA = data.Recipe(x=data.uniform(-1, 1))
SETTINGS = data.Settings(samples=500, batch=32, epochs=3)


def waves(degree, width=32):
    """Sines and cosines of a number in 0 … 1 (batch, 1): (batch, width)."""
    angles = degree * ops.exp(ops.linspace(0.0, math.log(1000.0), width // 2)) * 2 * math.pi
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


def convolutions(x, when, filters):
    """Two convolutions of 3×3 that know the degree of noise, added to what came in."""
    y = layers.Conv2D(filters, 3, padding="same", activation="silu")(layers.GroupNormalization(8)(x))
    y = y + layers.Reshape((1, 1, filters))(layers.Dense(filters)(when))
    y = layers.Conv2D(filters, 3, padding="same", activation="silu")(layers.GroupNormalization(8)(y))
    return layers.Conv2D(filters, 1)(x) + y


def network(shape, filters):
    """Return the U-Net: noisy images (batch, *shape) and the degree of noise (batch, 1) to the noise."""
    noisy, degree = keras.Input(shape), keras.Input((1,))
    when = layers.Dense(64, activation="silu")(waves(degree))
    fine = convolutions(layers.Conv2D(filters, 3, padding="same")(noisy), when, filters)
    coarse = convolutions(layers.AveragePooling2D(2)(fine), when, 2 * filters)
    x = layers.Concatenate()([layers.UpSampling2D(2)(coarse), fine])
    x = convolutions(x, when, filters)
    return keras.Model([noisy, degree], layers.Conv2D(shape[-1], 3, padding="same", kernel_initializer="zeros")(x))


class Denoiser(keras.Model):
    """Trains a network to predict the noise that it adds to images itself."""

    def __init__(self, shape, filters):
        super().__init__()
        self.shape = shape
        self.network = network(shape, filters)
        self.random = keras.random.SeedGenerator(1)

    def build(self, shape):
        """Nothing is left to build: the network is."""

    def call(self, inputs):
        """Return the noise in `inputs`: noisy images and their degree of noise."""
        return self.network(inputs)

    def train_step(self, data):
        """Train on one batch of images (batch, *shape)."""
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        count = ops.shape(images)[0]
        noise = keras.random.normal((count, *self.shape), seed=self.random)
        degree = keras.random.uniform((count, 1), seed=self.random)
        angle = ops.reshape(degree, (-1, 1, 1, 1)) * math.pi / 2
        with tf.GradientTape() as tape:
            told = self((ops.cos(angle) * images + ops.sin(angle) * noise, degree), training=True)
            loss = ops.mean(ops.square(noise - told))
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss}


def build(input_shape=(16, 16, 3), filters=32):
    """Return the compiled model: float images (batch, *input_shape), sides even; there are no targets."""
    model = Denoiser(input_shape, filters)
    model.build((None, *input_shape))
    model.compile(optimizer=keras.optimizers.AdamW(1e-3, weight_decay=1e-4))
    return model
