"""The training step as a SavedModel: forward pass, loss, gradients, optimizer."""

from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pygen import resident, towers
from pygen.errors import ExportError

SIGNATURE = "train"


class State(tf.Module):
    """Holds the raw variables that training changes, and nothing of Keras.

    A module that held the Keras model or optimizer itself would export, but its variables are not found on loading.
    """

    def __init__(self, model):
        """Take a compiled Keras model; its optimizer's slots are made here."""
        super().__init__(name="state")
        model.optimizer.build(model.trainable_variables)
        unique = {}
        for variable in [*model.variables, *model.optimizer.variables]:
            unique.setdefault(id(variable.value), variable.value)
        self.tracked = list(unique.values())


def training_step(model):
    """Return the function (x, y) → {"loss": float32 scalar} which trains `model` on one batch.

    It does what Keras's own `train_step` does, without the metrics that Keras reports.
    """

    def train(x, y):
        with tf.GradientTape() as tape:
            predicted = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=predicted, sample_weight=None, training=True)
            scaled = model.optimizer.scale_loss(loss)
        weights = model.trainable_weights
        gradients = tape.gradient(scaled, weights)
        model.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return {"loss": tf.cast(loss, tf.float32)}

    return train


def save(model, specs, folder, jit, parts=1):
    """Write the SavedModel of `model`'s training step, fed or on resident data, variables as they are, to `folder`.

    `specs` are the tf.TensorSpecs of x and y, batch included; `jit` compiles the step with XLA; with `parts`, so many
    parts of a batch are computed side by side. Raises ExportError if it cannot be written.
    """
    state = State(model)
    if parts == 1:
        step = tf.function(training_step(model), input_signature=specs, jit_compile=jit or None, autograph=False)
    else:
        step = tf.function(towers.training_step(model, parts, jit), input_signature=specs, autograph=False)
    try:
        tf.saved_model.save(state, folder, signatures={SIGNATURE: step, **resident.signatures(step, specs)})
    except tf.errors.OpError as error:
        # The message ends with the system's own words: "…; No space left on device [Op:SaveV2]".
        reason = error.message.rsplit("; ", 1)[-1].split(" [Op:")[0]
        raise ExportError(f"the SavedModel cannot be written: {reason}") from error
    (Path(folder) / "assets").rmdir()  # empty


def load(session, folder):
    """Load the SavedModel into a tf.compat.v1 Session, as the C API does. Returns its MetaGraphDef."""
    return tf.compat.v1.saved_model.loader.load(session, [tf.compat.v1.saved_model.tag_constants.SERVING], folder)


def reset_names(folder):
    """Return the (filename tensor, operation) by which the SavedModel in `folder` restores its variables."""
    saved = SavedModel.FromString((Path(folder) / "saved_model.pb").read_bytes())
    saver = saved.meta_graphs[0].saver_def
    return saver.filename_tensor_name, saver.restore_op_name
