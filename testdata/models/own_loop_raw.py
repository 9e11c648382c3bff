"""A training loop without Keras: raw variables that the step changes by hand, and random numbers of TensorFlow's."""

import numpy as np
import tensorflow as tf

weights = tf.Variable(tf.zeros((8, 1)))
momentum = tf.Variable(tf.zeros((8, 1)), trainable=False)
steps = tf.Variable(0, trainable=False)


def step(x, y):
    """Train on one batch of noisy inputs, and return its loss."""
    with tf.GradientTape() as tape:
        noisy = x + tf.random.normal(tf.shape(x), stddev=0.1)
        loss = tf.reduce_mean((noisy @ weights - y) ** 2)
    gradient = tape.gradient(loss, weights)
    if steps > 0:  # which AutoGraph turns into an operation
        gradient = gradient + 0.9 * momentum
    momentum.assign(gradient)
    weights.assign_sub(0.01 * gradient)
    steps.assign_add(1)
    return loss


def data():
    """Return 320 examples."""
    x = np.random.default_rng(0).normal(size=(320, 8)).astype("float32")
    return x, x.sum(axis=1, keepdims=True)
