"""A script that ends by itself, as if all were well, before it trains."""

import sys

import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
if len(sys.argv) < 2:
    print("usage: leaves.py DATA")
    sys.exit()
