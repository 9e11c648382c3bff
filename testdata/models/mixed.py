"""Mixed precision: float16 inside, float32 variables, the loss scaled so that small gradients survive."""

import keras
from keras import layers


def build():
    """Return the compiled model: images (batch, 16, 16, 1) to probabilities (batch, 10)."""
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
            layers.Activation("softmax", dtype="float32"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
