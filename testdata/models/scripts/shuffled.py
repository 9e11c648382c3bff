"""A pipeline over arrays, shuffled anew for every epoch, with validation and metrics."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(1)
x = random.normal(size=(300, 12)).astype("float32")
y = (x.sum(axis=1) > 0).astype("int32")


def scaled(features, label):
    return features * 0.5, label


train = tf.data.Dataset.from_tensor_slices((x[:250], y[:250])).shuffle(250)
train = train.map(scaled, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(tf.data.AUTOTUNE)
held = tf.data.Dataset.from_tensor_slices((x[250:], y[250:])).map(scaled).batch(20)

model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2)])
model.compile(
    "adam",
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train, validation_data=held, epochs=2, callbacks=[keras.callbacks.EarlyStopping()])
