"""Batches that Python makes: a PyDataset to train on, and a generator to validate with."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Batches of several lengths."""

    def __len__(self):
        return 6

    def __getitem__(self, number):
        random = np.random.default_rng(number)
        length = 5 + 3 * (number % 3)
        return random.integers(1, 50, (4, length)), random.integers(0, 2, (4, 1))


def held():
    random = np.random.default_rng(9)
    while True:
        yield random.integers(1, 50, (4, 7)), random.integers(0, 2, (4, 1))


model = keras.Sequential(
    [
        keras.layers.Embedding(50, 8),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, "sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(
    Batches(), shuffle=False, epochs=2, validation_data=held(), validation_steps=3
)
