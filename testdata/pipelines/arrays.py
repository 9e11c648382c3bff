"""Arrays, shuffled and scaled."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(1)
x = random.normal(size=(60_000, 32)).astype("float32")
y = (x.sum(axis=1) > 0).astype("int32")

data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(10_000)
data = data.map(lambda row, label: (row * 0.5, label), num_parallel_calls=tf.data.AUTOTUNE)
data = data.batch(64).prefetch(tf.data.AUTOTUNE)

model = keras.Sequential(
    [keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2, activation="softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(data, epochs=5)
