"""A train_step that works only while Python runs: it looks at the loss as a number."""

import keras
import tensorflow as tf
from keras import layers


class Looks(keras.Model):
    """Stops learning once the loss is small."""

    def train_step(self, data):
        """Train on one batch, eagerly."""
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        if loss.numpy() > 0.1:
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {"loss": loss}


def build():
    """Return the compiled model: (batch, 5) to (batch, 1)."""
    inputs = keras.Input((5,))
    model = Looks(inputs, layers.Dense(1)(inputs))
    model.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    return model
