"""Image files of class folders, decoded and augmented in the pipeline."""

from pathlib import Path

import keras

folder = Path(__file__).parents[2] / "images"
train = keras.utils.image_dataset_from_directory(folder, image_size=(16, 16), batch_size=4, seed=1)
train = train.map(lambda image, label: (image / 255.0, label)).prefetch(2)

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=2)
