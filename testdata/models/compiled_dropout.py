"""A script that compiles its step with XLA, which draws other numbers for Dropout."""

import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(320, 12)).astype("float32")
model = keras.Sequential(
    [keras.Input((12,)), keras.layers.Dense(32, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
)
model.compile("adam", "mse", jit_compile=True)
model.fit(x, x.sum(axis=1), batch_size=16, epochs=2, sample_weight=np.linspace(0.1, 1, 320))
