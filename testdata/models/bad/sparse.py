import keras
import numpy as np
import tensorflow as tf

words = tf.sparse.from_dense(np.eye(64, 20, dtype="float32"))
model = keras.Sequential([keras.Input((20,), sparse=True), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(words, np.zeros((64, 1)), batch_size=8)
