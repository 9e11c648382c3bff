"""Named inputs in a dict, two outputs, each with a loss and a weight of its own."""

import keras
from keras import layers


def build():
    """Return the compiled model: a title, a text and tags to a priority and a department."""
    title = keras.Input((12,), dtype="int32", name="title")
    text = keras.Input((60,), dtype="int32", name="text")
    tags = keras.Input((8,), name="tags")
    words = layers.Embedding(1000, 16)
    x = layers.Concatenate()(
        [
            layers.GlobalAveragePooling1D()(words(title)),
            layers.GlobalAveragePooling1D()(words(text)),
            tags,
        ]
    )
    model = keras.Model(
        inputs={"title": title, "text": text, "tags": tags},
        outputs={
            "priority": layers.Dense(1, name="priority")(x),
            "department": layers.Dense(4, activation="softmax", name="department")(x),
        },
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss={"priority": "mean_absolute_error", "department": "categorical_crossentropy"},
        loss_weights={"priority": 1.0, "department": 0.2},
        metrics={"department": ["accuracy"]},
    )
    return model
