"""Arrays with weights of classes, a part of them held back for validation, and metrics."""

import keras
import numpy as np

random = np.random.default_rng(7)
x = random.normal(size=(120, 6)).astype("float32")
y = (x.sum(axis=1) > 0.8).astype("int32")

model = keras.Sequential(
    [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, "sigmoid")]
)
model.compile(
    keras.optimizers.SGD(0.1, momentum=0.9),
    "binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auc"), keras.metrics.Recall()],
)
model.fit(
    x, y, batch_size=8, validation_split=0.25, class_weight={0: 1.0, 1: 3.0}, epochs=2
)
