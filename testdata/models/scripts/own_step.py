"""A train_step of one's own, with a mean and a count that go on over the epoch."""

import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(8)
x = random.normal(size=(84, 5)).astype("float32")
y = (x.sum(axis=1, keepdims=True) > 0).astype("float32")


class Own(keras.Model):
    """Trains on noisy targets, and says how it does."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seen = keras.metrics.Mean(name="loss")
        self.auc = keras.metrics.AUC(name="auc")

    @property
    def metrics(self):
        """Return what Keras sets to zero before every epoch."""
        return [self.seen, self.auc]

    def train_step(self, data):
        """Train on one batch."""
        x, y = data
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = keras.ops.mean(keras.losses.binary_crossentropy(y, predicted))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(
            zip(gradients, self.trainable_variables, strict=True)
        )
        self.seen.update_state(loss)
        self.auc.update_state(y, predicted)
        return {metric.name: metric.result() for metric in self.metrics}


inputs = keras.Input((5,))
model = Own(inputs, keras.layers.Dense(1, "sigmoid")(inputs))
model.compile("adam", "binary_crossentropy")
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(12), epochs=2)
