"""Tests of steps that are timed inside the graph."""

import keras
import numpy as np
import tensorflow as tf

from pygen.worker.clock import Epoch
from pygen.worker.stamped import Stamps


class Slow(keras.layers.Layer):
    """Takes some time in the graph."""

    def call(self, x):
        """Return x after a product of random matrices."""
        large = tf.random.uniform([300, 300])
        return x + 0.0 * tf.reduce_sum(tf.linalg.matmul(large, large))


def model_of(*layers, jit=False):
    """Return a compiled model."""
    model = keras.Sequential([keras.Input((1,)), *layers, keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit)
    return model


def trained(model, steps=3):
    """Return the History of an epoch of so many steps."""
    x, y = np.ones((4 * steps, 1), "float32"), np.ones((4 * steps, 1), "float32")
    return model.fit(x, y, batch_size=4, verbose=0, shuffle=False).history


def test_what_is_not_inside_a_step_is_waiting():
    """The parts add up as before, and the next epoch begins anew."""
    model = model_of(Slow())
    stamps = Stamps(model)
    trained(model)
    epoch = Epoch(0, 0.0, whole=200.0, step=100.0)
    stamps.move(epoch)
    assert 0 < epoch.step < 100 and epoch.wait == 100.0 - epoch.step
    again = Epoch(1, 0.0, whole=200.0, step=100.0)
    stamps.move(again)
    assert (again.step, again.wait) == (0.0, 100.0)


def test_no_step_is_longer_than_its_call():
    """The clocks of graph and Python are two."""
    model = model_of()
    stamps = Stamps(model)
    trained(model)
    epoch = Epoch(0, 0.0, whole=1.0, step=1e-9)
    stamps.move(epoch)
    assert (epoch.step, epoch.wait) == (1e-9, 0.0)


def test_stamps_train_as_the_model_does():
    """Compiled by XLA or not."""
    for jit in (False, True):
        plain, stamped = model_of(jit=jit), model_of(jit=jit)
        Stamps(stamped)
        assert trained(plain) == trained(stamped)
        np.testing.assert_array_equal(plain.get_weights()[0], stamped.get_weights()[0])
