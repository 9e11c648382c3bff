"""A layer, a loss, a metric and an optimizer of one's own."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable()
class Scale(layers.Layer):
    """Multiplies every feature by a number that is learned."""

    def build(self, shape):
        """Make one number for each feature."""
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        """Return x scaled."""
        return x * self.scale


@keras.saving.register_keras_serializable()
class Tolerant(keras.losses.Loss):
    """The absolute error beyond what is tolerated."""

    def __init__(self, tolerated=0.1, **options):
        super().__init__(**options)
        self.tolerated = tolerated

    def call(self, y_true, y_pred):
        """Return one loss for each example."""
        return ops.mean(ops.maximum(ops.abs(y_true - y_pred) - self.tolerated, 0.0), axis=-1)

    def get_config(self):
        """Return what it takes to make it again."""
        return {**super().get_config(), "tolerated": self.tolerated}


@keras.saving.register_keras_serializable()
class Signs(keras.optimizers.Optimizer):
    """Steps by the sign of a running mean of the gradients."""

    def build(self, variables):
        """Make a running mean for each variable."""
        super().build(variables)
        self.means = [self.add_variable_from_reference(v, name="mean") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        """Move one variable."""
        mean = self.means[self._get_variable_index(variable)]
        self.assign(mean, 0.9 * mean + 0.1 * gradient)
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * ops.sign(mean))

    def get_config(self):
        """Return what it takes to make it again."""
        return super().get_config()


def build():
    """Return the compiled model: (batch, 8) to (batch, 2)."""
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="tanh"), Scale(), layers.Dense(2)])
    model.compile(optimizer=Signs(learning_rate=0.001), loss=Tolerant(0.05), metrics=[keras.metrics.MeanSquaredError()])
    return model
