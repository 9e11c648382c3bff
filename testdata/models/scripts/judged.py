"""Texts in a fixed order, with sample weights, validation and metrics of several kinds."""

import keras
import tensorflow as tf

words = ["red", "green", "blue", "small", "large", "round", "flat"]
texts = [
    " ".join(words[(i * k) % len(words)] for k in range(2, 5 + i % 4))
    for i in range(110)
]
labels = [[float(i % 3 == 0)] for i in range(110)]
weights = [[0.5 + i % 4] for i in range(110)]

vectorize = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=6)
vectorize.adapt(texts)


def batches(first, last):
    parts = texts[first:last], labels[first:last], weights[first:last]
    data = tf.data.Dataset.from_tensor_slices(parts).batch(8)
    return data.map(lambda text, label, weight: (vectorize(text), label, weight))


model = keras.Sequential(
    [
        keras.layers.Embedding(20, 8),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.2, seed=3),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    "adam",
    "binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auc"), "mae"],
    weighted_metrics=["accuracy", "mse"],
)
model.fit(batches(0, 84), validation_data=batches(84, 110), epochs=2)
