"""A subclassed model that nobody has called: its shapes are not known."""

import keras
from keras import layers


class Unbuilt(keras.Model):
    """One Dense layer, which waits for its first input."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs):
        """Return the layer's answer."""
        return self.dense(inputs)


def build():
    """Return the compiled model, without weights."""
    model = Unbuilt()
    model.compile(optimizer="adam", loss="mse")
    return model
