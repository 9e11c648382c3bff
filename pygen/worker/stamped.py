"""Steps of fit that are timed inside the graph: what else their calls take is Python's."""

import keras
import tensorflow as tf


class Stamps:
    """The seconds that the steps of a model take, from when a batch is there to when its variables are written."""

    def __init__(self, model):
        """Give the model a train function that keeps them."""
        self._spent = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self._step = model.train_step
        if model.jit_compile:  # XLA has no clock
            self._step = tf.function(model.train_step, reduce_retracing=True, jit_compile=True)
            model.jit_compile = False
        optimizer = getattr(model, "optimizer", None)
        self._written = [*model.trainable_variables, *(optimizer.variables if optimizer else [])]
        model.train_function = model._make_function(self._timed)

    def _timed(self, data):
        with tf.control_dependencies([leaf for leaf in keras.tree.flatten(data) if leaf is not None]):
            begin = tf.timestamp()
        with tf.control_dependencies([begin]):
            logs = self._step(data)
        written = [variable.value.read_value() for variable in self._written]
        with tf.control_dependencies([*keras.tree.flatten(logs), *written]):
            self._spent.assign_add(tf.timestamp() - begin)
        return logs

    def move(self, epoch):
        """Take from the steps of a `clock.Epoch` what was not inside them, which becomes waiting, and begin anew."""
        inside = min(float(self._spent.numpy()), epoch.step)
        epoch.wait, epoch.step = epoch.wait + epoch.step - inside, inside
        self._spent.assign(0.0)
