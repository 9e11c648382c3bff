"""Sequences in buckets of their lengths: batches of several shapes."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(6)
rows = [random.integers(1, 50, n).tolist() for n in [4] * 16 + [9] * 16 + [14] * 10]
labels = random.integers(0, 2, len(rows))
data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(rows, dtype=tf.int32), labels))
data = data.map(
    lambda row, label: (
        tf.RaggedTensor.from_row_lengths(row, [tf.shape(row)[0]])[0],
        label,
    )
)
data = data.bucket_by_sequence_length(lambda row, label: tf.shape(row)[0], [6, 11], [8, 8, 4])

model = keras.Sequential(
    [
        keras.layers.Embedding(50, 8, mask_zero=True),
        keras.layers.LSTM(6),
        keras.layers.Dense(1, "sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy")
model.fit(data, epochs=2)
