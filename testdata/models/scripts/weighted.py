"""Elements of several named inputs, with sample weights, augmented in the pipeline."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(4)
images = random.integers(0, 255, (40, 8, 8, 3), dtype=np.uint8)
sizes = random.normal(size=(40, 2)).astype("float32")
labels = random.integers(0, 2, (40, 1))
weights = random.uniform(0.5, 1, 40).astype("float32")

flip = keras.layers.RandomFlip("horizontal")


def augmented(features, label, weight):
    return (
        {"image": flip(features["image"], training=True), "size": features["size"]},
        label,
        weight,
    )


data = tf.data.Dataset.from_tensor_slices(({"image": images, "size": sizes}, labels, weights))
data = data.batch(16).map(augmented, num_parallel_calls=2).prefetch(1)

image = keras.Input((8, 8, 3), name="image")
size = keras.Input((2,), name="size")
seen = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(image))
out = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Concatenate()([seen, size]))
model = keras.Model([image, size], out)
model.compile("adam", "binary_crossentropy", weighted_metrics=["accuracy"])
model.fit(data, epochs=2)
