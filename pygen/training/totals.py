"""Losses that stay on the device until the end of an epoch: each step adds its own to a total, which is then read."""

import tensorflow as tf

from pygen.training.resident import Held

ACCUMULATE = "accumulate"
TOTAL = "total"


def signatures(step, specs):
    """Return {name: tf.function}: a step that keeps its loss, and what reads and clears the total.

    `step` is the training step, a tf.function of the batch that `specs` (tf.TensorSpecs, batch included) describe. The
    total is in a resource outside variables, because a reset restores every variable of the checkpoint: a vector of
    float64 with the sum of losses times examples, and of examples, so that a step changes one resource.
    """
    total = Held(tf.TensorSpec([2], tf.float64, name="losses"), "totals")
    return {ACCUMULATE: _accumulate(step, specs, total), TOTAL: _read(total)}


def describe():
    """Return "accumulate" and "total" of the "signatures" of the manifest."""
    return {
        "accumulate": {"key": ACCUMULATE, "examples": "examples"},
        "total": {"key": TOTAL, "loss": "loss", "examples": "examples"},
    }


def _accumulate(step, specs, total):
    """Return the function that trains one batch, and adds its loss to the total.

    Its output "examples" (int32 scalar) is the size of the batch. To run it takes no fetch.
    """

    def accumulate(*columns):
        loss = tf.cast(step(*columns)["loss"], tf.float64)
        examples = tf.shape(columns[0])[0]
        count = tf.cast(examples, tf.float64)
        total.add(tf.stack([loss * count, count]))
        return {"examples": examples}

    return tf.function(accumulate, input_signature=specs, autograph=False)


def _read(total):
    """Return the function () → {"loss": float64 scalar, "examples": int32 scalar}, which clears the total.

    The loss is the mean of the losses of the steps since the last call, weighted by their examples; 0 without any.
    """

    def read():
        value = total.taken(tf.zeros([2], tf.float64))
        return {"loss": tf.math.divide_no_nan(value[0], value[1]), "examples": tf.cast(value[1], tf.int32)}

    return tf.function(read, input_signature=[], autograph=False)
