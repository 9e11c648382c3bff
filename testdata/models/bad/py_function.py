"""A layer that calls back into Python for every batch."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Sorted(layers.Layer):
    """Sorts each example in NumPy."""

    def call(self, x):
        """Return x sorted."""
        return tf.ensure_shape(tf.numpy_function(lambda v: np.sort(v, axis=-1), [x], tf.float32), x.shape)

    def compute_output_shape(self, shape):
        """Return the same shape."""
        return shape


def build():
    """Return the compiled model: (batch, 5) to (batch, 1)."""
    model = keras.Sequential([keras.Input((5,)), Sorted(name="sorter"), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model
