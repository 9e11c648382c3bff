"""Wide and deep (Cheng, 2016) on a table of people: crossed categories beside embeddings and three Dense layers."""

import keras
from keras import layers

from pygen.examples import data

DATA = data.Recipe(
    numbers=data.normal(0, 1),
    education=data.integers(0, 16),
    occupation=data.integers(0, 15),
    country=data.integers(0, 42),
    y=data.integers(0, 2),
)
SETTINGS = data.Settings(samples=5000, batch=64, epochs=5)


def build(columns=6, education=16, occupation=15, country=42, crosses=1000):
    """Return the compiled model: float `numbers` (batch, columns) and three categories to one probability (batch, 1).

    The categories are `education`, `occupation` and `country`, each an int (batch, 1).
    """
    numbers = keras.Input((columns,), name="numbers")
    sizes = {"education": education, "occupation": occupation, "country": country}
    categories = {name: keras.Input((1,), dtype="int32", name=name) for name in sizes}

    wide = [
        layers.HashedCrossing(crosses, output_mode="one_hot")((categories["education"], categories["occupation"])),
        layers.HashedCrossing(crosses, output_mode="one_hot")((categories["occupation"], categories["country"])),
    ]
    deep = [layers.Flatten()(layers.Embedding(size, 8)(categories[name])) for name, size in sizes.items()]
    deep = layers.Concatenate()([numbers, *deep])
    for width in (128, 64, 32):
        deep = layers.Dense(width, activation="relu")(deep)

    chance = layers.Dense(1, activation="sigmoid")(layers.Concatenate()([*wide, deep]))
    model = keras.Model([numbers, *categories.values()], chance)
    model.compile(optimizer=keras.optimizers.Adam(), loss="binary_crossentropy")
    return model
