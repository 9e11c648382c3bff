"""Image files of class folders, decoded and augmented."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

folder = Path(tempfile.gettempdir()) / "epochtime-peers-images"
random = np.random.default_rng(3)
for label in range(2):
    (folder / f"{label}").mkdir(parents=True, exist_ok=True)
    for number in range(900):
        path = folder / f"{label}" / f"{number}.png"
        if not path.exists():
            pixels = random.integers(0, 255, (48, 48, 3), dtype=np.uint8)
            path.write_bytes(tf.io.encode_png(pixels).numpy())

augment = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.Rescaling(1 / 255)])
data = keras.utils.image_dataset_from_directory(folder, image_size=(48, 48), batch_size=16, seed=1, verbose=False)
data = data.map(lambda image, label: (augment(image, training=True), label), num_parallel_calls=tf.data.AUTOTUNE)
data = data.prefetch(tf.data.AUTOTUNE)

model = keras.Sequential(
    [
        keras.Input((48, 48, 3)),
        keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(data, epochs=5)
