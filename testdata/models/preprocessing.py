"""Preprocessing designed in Keras: adapted here, run for every batch beside the training step."""

import keras
import numpy as np
from keras import layers

COLOURS = np.array(["red", "green", "blue", "black"])
WORDS = np.array(
    ["a", "small", "large", "old", "new", "shirt", "coat", "hat", "shoe", "bag", "of", "wool", "silk", "cotton"]
)


def build():
    """Return the compiled model: a picture, a text, a colour and a weight to a price (batch, 1)."""
    picture = keras.Input((16, 16, 3), name="picture")
    text = keras.Input((10,), dtype="int64", name="text")
    colour = keras.Input((5,), name="colour")
    weight = keras.Input((2,), name="weight")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(picture))
    read = layers.GlobalAveragePooling1D()(layers.Embedding(50, 8)(text))
    x = layers.Concatenate()([seen, read, colour, weight])
    model = keras.Model([picture, text, colour, weight], layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mse")
    return model


def data(n, seed):
    """Return n examples as they come: pictures of 0 to 255, texts, colours by name, weights in grams."""
    random = np.random.default_rng(seed)
    x = {
        "picture": random.integers(0, 256, (n, 16, 16, 3)).astype("uint8"),
        "text": np.array([" ".join(random.choice(WORDS, random.integers(2, 15))) for _ in range(n)]),
        "colour": random.choice(COLOURS, (n, 1)),
        "weight": random.normal([300, 20], [100, 5], (n, 2)).astype("float32"),
    }
    return x, random.normal(50, 10, (n, 1)).astype("float32")


def preprocess():
    """Return what makes each input of the model, and the price in hundreds, of the raw data."""
    raw, _ = data(200, seed=0)
    text = layers.TextVectorization(max_tokens=50, output_sequence_length=10)
    text.adapt(raw["text"])
    colour = layers.StringLookup(vocabulary=list(COLOURS), output_mode="one_hot")
    weight = layers.Normalization()
    weight.adapt(raw["weight"])
    picture = keras.Sequential(
        [keras.Input((16, 16, 3), dtype="uint8"), layers.Rescaling(1 / 255), layers.RandomFlip("horizontal", seed=3)]
    )
    return {"picture": picture, "text": text, "colour": colour, "weight": weight, "y": layers.Rescaling(0.01)}
