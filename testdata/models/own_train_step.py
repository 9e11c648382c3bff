"""A train_step of one's own: each batch is mixed with itself turned round (mixup)."""

import keras
import tensorflow as tf
from keras import layers, ops


class Mixup(keras.Model):
    """Trains on blends of two examples and of their labels."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.random = keras.random.SeedGenerator(7)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        """Return what Keras sets to zero before every epoch."""
        return [self.loss_tracker]

    def train_step(self, data):
        """Train on one batch."""
        x, y = data
        share = keras.random.uniform((ops.shape(x)[0], 1), seed=self.random)
        x = share * x + (1 - share) * ops.flip(x, axis=0)
        y = share * y + (1 - share) * ops.flip(y, axis=0)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def build():
    """Return the compiled model: (batch, 20) to probabilities (batch, 3)."""
    inputs = keras.Input((20,))
    x = layers.Dense(32, activation="relu")(inputs)
    model = Mixup(inputs, layers.Dense(3, activation="softmax")(x))
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model
