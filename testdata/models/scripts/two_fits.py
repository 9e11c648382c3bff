"""A head is trained on frozen layers; then all layers are trained at another rate."""

import keras
import numpy as np

random = np.random.default_rng(3)
x = random.normal(size=(160, 10)).astype("float32")
y = random.integers(0, 3, 160)

base = keras.Sequential([keras.Input((10,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(12, "relu")])
base.trainable = False
model = keras.Sequential([base, keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, batch_size=32, epochs=4)

base.trainable = True
model.compile(keras.optimizers.Adam(1e-5), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=16, epochs=6, initial_epoch=history.epoch[-1] + 1)
