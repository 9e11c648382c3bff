"""Texts, turned into tokens."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(4)
words = np.array([f"word{number}" for number in range(2000)])
texts = [" ".join(words[random.integers(0, 2000, 40)]) for _ in range(20_000)]
labels = random.integers(0, 2, 20_000)

vectorize = keras.layers.TextVectorization(max_tokens=2000, output_sequence_length=40)
vectorize.adapt(texts[:1000])
data = tf.data.Dataset.from_tensor_slices((texts, labels)).shuffle(20_000).batch(32)
data = data.map(lambda text, label: (vectorize(text), label), num_parallel_calls=tf.data.AUTOTUNE)
data = data.prefetch(tf.data.AUTOTUNE)

model = keras.Sequential(
    [
        keras.Input((40,), dtype="int64"),
        keras.layers.Embedding(2000, 16),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(data, epochs=5)
