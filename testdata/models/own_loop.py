"""A training loop of one's own: step(x, y) trains on a batch, and data() returns what it trains on."""

import keras
import numpy as np
import tensorflow as tf

model = keras.Sequential(
    [keras.Input((20,)), keras.layers.Dense(64, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
)
optimizer = keras.optimizers.Adam(0.01)
huber = keras.losses.Huber()


@tf.function
def step(x, y):
    """Train on one batch, and return its loss."""
    with tf.GradientTape() as tape:
        loss = huber(y, model(x, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
    return loss


def data():
    """Return 640 examples."""
    random = np.random.default_rng(0)
    return random.normal(size=(640, 20)), random.normal(size=(640, 1))


if __name__ == "__main__":
    x, y = data()
    for epoch in range(3):
        for batch in tf.data.Dataset.from_tensor_slices((x.astype("float32"), y.astype("float32"))).batch(64):
            loss = step(*batch)
        print("epoch", epoch, float(loss))
