import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
given = parser.parse_args()
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile("adam", "mse")
model.fit(np.load(given.data), np.zeros((10, 2)))
