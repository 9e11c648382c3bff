"""A pipeline of a fixed order, without an end: an epoch is a number of steps, and goes on where the last one ended."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(2)
x = random.normal(size=(96, 6)).astype("float32")
y = x.sum(axis=1, keepdims=True)
data = tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(8)

model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(data, steps_per_epoch=5, epochs=3)
