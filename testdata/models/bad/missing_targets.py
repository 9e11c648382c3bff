import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(320, 12)).astype("float32")
y = x[:, :3].copy()
y[300, 1] = np.nan
model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(3)])
model.compile("adam", "mse")
model.fit(x, y, batch_size=32)
