"""A Python loop around a `tf.function` step, as TensorFlow's guides write it: `python -m pygen.peers.tf_loop WORK`."""

import sys

import keras
import tensorflow as tf

from pygen.peers import keras_model
from pygen.peers import work as peers

# The loss objects behind the names that models are compiled with.
LOSSES = {
    "mean_squared_error": keras.losses.MeanSquaredError(),
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy(),
}


def make_step(model):
    """Return the compiled step (x, y) → loss."""
    loss, optimizer = LOSSES.get(model.loss, model.loss), model.optimizer

    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        return value

    # With the shapes left open, the short last batch needs no second trace.
    optimizer.build(model.trainable_variables)
    labels = isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
    y = tf.TensorSpec([None], "int32") if labels else tf.TensorSpec(model.output_shape, "float32")
    return tf.function(step, input_signature=[tf.TensorSpec(model.input_shape, model.inputs[0].dtype), y])


def main(folder):
    """Measure."""
    work = peers.Work(folder)
    model = keras_model.build(work)
    step = make_step(model)

    def epoch():
        losses, sizes = [], []
        for x, y in work.batches():
            losses.append(step(x, y))
            sizes.append(len(y))
        return peers.weighted(losses, sizes)

    peers.tell(peers.measure(work, epoch), keras=keras.__version__, tensorflow=tf.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
