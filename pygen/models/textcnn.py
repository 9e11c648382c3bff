"""Convolutional network on sentences of 64 words (Kim, 2014): filters over 3, 4 and 5 words, the best match of each."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(x=data.integers(0, 5000), y=data.integers(0, 4))
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)


def build(vocabulary=5000, classes=4, length=64):
    """Return the compiled model: int tokens (batch, length) to probabilities (batch, classes)."""
    tokens = keras.Input((length,), dtype="int32", name="x")
    words = layers.Embedding(vocabulary, 64)(tokens)
    found = []
    for width in (3, 4, 5):
        answers = layers.Conv1D(64, width, activation="relu")(words)
        found.append(layers.GlobalMaxPooling1D()(answers))
    features = layers.Dropout(0.5)(layers.Concatenate()(found))
    model = keras.Model(tokens, layers.Dense(classes, activation="softmax")(features))
    model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return model
