"""Texts that the pipeline turns into tokens, kept after the first pass."""

import keras
import tensorflow as tf

words = ["red", "green", "blue", "small", "large", "round", "flat"]
texts = [" ".join(words[(i + k) % len(words)] for k in range(2 + i % 5)) for i in range(60)]
labels = [i % 2 for i in range(60)]

vectorize = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=6)
vectorize.adapt(texts)
data = tf.data.Dataset.from_tensor_slices((texts, labels)).batch(16)
data = data.map(lambda text, label: (vectorize(text), label)).cache().shuffle(4)

model = keras.Sequential(
    [
        keras.layers.Embedding(20, 8),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("rmsprop", "binary_crossentropy")
model.fit(data, epochs=2)
