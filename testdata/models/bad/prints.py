"""A sound model in a file that writes to standard output in every way there is."""

import os
import subprocess
import sys

import keras
from keras import layers

print("at import")


def build():
    """Return the compiled model: (batch, 4) to (batch, 1)."""
    print("in build")
    sys.__stdout__.write("round the back\n")
    os.write(1, b"to the descriptor\n")
    subprocess.run(["echo", "from a child"], check=True)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.summary()
    return model
