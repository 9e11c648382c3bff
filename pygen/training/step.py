"""The training step as a SavedModel: forward pass, loss, gradients, optimizer."""

import contextlib
import gc
import re
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import keras
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pygen.errors import ExportError
from pygen.model import towers
from pygen.model.columns import SIMPLE, as_fit_passes
from pygen.model.forward import gradients, has_own_step, update_metrics
from pygen.training import randomness, resident, totals

SIGNATURE = "train"
_UNFIT = re.compile(r"[^A-Za-z0-9_.\\/>-]+")


@dataclass(frozen=True)
class Cut:
    """How a batch is cut: into `parts` for one device, or for `replicas` devices, each a `device` (cpu or gpu)."""

    parts: int = 1
    replicas: int = 1
    device: str = "cpu"


WHOLE = Cut()


class State(tf.Module):
    """The raw variables that training changes and the tables that it looks up, without any object of Keras.

    A module that holds the Keras model or optimizer can be saved, but its variables are not found when it is loaded.
    """

    def __init__(self, model, functions=()):
        """Take a compiled Keras model and its traced functions. The slots of its optimizer are made if they are not."""
        super().__init__(name="state")
        self.tracked = tracked(model, functions)
        self.tables = _tables(functions)


def tracked(model, functions=()):
    """Return the raw variables of a compiled model and of its traced functions, each once, those of the model first."""
    build_optimizer(model)
    found = [variable.value for variable in variables(model)]
    found += [variable for function in functions for variable in captured(function)]
    return list({id(variable): variable for variable in found}.values())


def captured(function):
    """Return the raw variables of a traced function in the order in which it met them: graph.variables is a set."""
    places = {id(tensor): place for place, tensor in enumerate(function.graph.external_captures)}
    return sorted(function.graph.variables, key=lambda variable: places.get(id(variable.handle), len(places)))


def resetting(variables):
    """Return a function that puts raw variables back to their values of now."""
    start = [(variable, variable.numpy()) for variable in variables]

    def reset():
        for variable, value in start:
            variable.assign(value)

    return reset


def build_optimizer(model):
    """Make the slots of the optimizer of a model, and of the one inside it for loss scaling."""
    if model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def variables(model):
    """Return the Keras variables of the model and its optimizer, without those of metrics."""
    optimizers = [model.optimizer] if model.optimizer is not None else []
    if hasattr(model.optimizer, "inner_optimizer"):
        optimizers.append(model.optimizer.inner_optimizer)
    return [*model.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]


def _tables(functions):
    """Return the lookup tables that traced functions use, which the SavedModel must track."""
    from tensorflow.python.trackable.resource import CapturableResource

    used = {id(t) for function in functions for t in function.graph.external_captures if t.dtype == tf.resource}
    if not used:
        return []
    alive = [o for o in gc.get_objects() if isinstance(o, CapturableResource)]
    return [o for o in alive if id(o.resource_handle) in used]


def training_step(model, layout=SIMPLE):
    """Return the function (*columns) → {"loss": float32 scalar} that trains `model` on one batch.

    `layout` says which column is what. A model with its own train_step is trained by that, with the means among its
    metrics those of the step while it runs, so that the loss is that of the step. Any other model is trained as Keras's
    train_step does, with the metrics that it was compiled with, but without the running mean of the loss.
    """
    train = own_step(model) if has_own_step(model) else keras_step(model)

    def step(*columns):
        x, y, sample_weight = layout.pack(columns)
        if layout.class_weight:
            sample_weight = weigh(y, layout.class_weight)
        with randomness.numbered():  # inside, because it may be traced more than once
            return {"loss": tf.cast(train(x, y, sample_weight), tf.float32)}

    return step


def keras_step(model):
    """Return the function (x, y, sample_weight) → loss that does what the train_step of Keras does."""

    def train(x, y, sample_weight):
        loss, found, predicted = gradients(model, x, y, sample_weight)
        model.optimizer.apply_gradients(zip(found, model.trainable_weights, strict=True))
        update_metrics(model, x, y, predicted, sample_weight)
        return loss

    return train


def own_step(model):
    """Return the function (x, y, sample_weight) → loss that calls the model's own train_step.

    Means are of the one step while it runs, since the loss that it returns is one, and then of the epoch again.
    """

    def train(x, y, sample_weight):
        before = []
        for metric in model.metrics:
            if isinstance(metric, keras.metrics.Mean | keras.metrics.Sum):
                before += [(variable, tf.identity(variable.value)) for variable in metric.variables]
                metric.reset_state()
            elif "loss" in metric.name:
                metric.reset_state()
        loss = pick_loss(model.train_step(as_fit_passes(x, y, sample_weight)))
        for variable, value in before:
            variable.assign(value + variable)
        return loss

    return train


def pick_loss(logs):
    """Return the loss among what a train_step returns: "loss", else the sum of names with "loss", else the first.

    Raises ExportError if there is nothing.
    """
    if not isinstance(logs, dict):
        return tf.nest.flatten(logs)[0]
    if "loss" in logs:
        return logs["loss"]
    losses = [value for key, value in logs.items() if "loss" in key]
    if losses:
        return tf.add_n([tf.cast(loss, tf.float32) for loss in losses])
    if not logs:
        raise ExportError("its train_step returns nothing: it must return a dict with its loss")
    return next(iter(logs.values()))


def weigh(y, class_weight):
    """Return the sample weights (batch,) of targets, as fit of Keras does; y has labels or one-hot vectors."""
    labels = y if y.shape.rank == 1 else tf.squeeze(y, -1) if y.shape[-1] == 1 else tf.argmax(y, -1)
    labels = tf.cast(tf.round(labels) if labels.dtype.is_floating else labels, tf.int32)
    table = [float(class_weight.get(label, 1.0)) for label in range(max(class_weight) + 1)]
    known = tf.gather(tf.constant(table), tf.minimum(labels, len(table) - 1))
    return tf.where(labels < len(table), known, tf.ones_like(known))


def save(model, specs, folder, jit, cut=WHOLE, layout=SIMPLE, preprocess=None, others=None):
    """Write the SavedModel of the training step of `model`, fed or on resident data, to `folder`.

    Its variables have the values of now. `specs` are the tf.TensorSpecs of the layout's columns, batch included. `jit`
    compiles the step with XLA. `cut`, a `Cut`, is how a batch is cut. `preprocess` is a
    `preprocessing.Signature` or None, `others` are more signatures, {key: concrete function}. Returns the traced
    functions: the step, then preprocessing if there is any. Raises ExportError if the SavedModel cannot be written.
    """
    build_optimizer(model)  # or tracing would make its slots, and trace again
    step = cut_step(model, specs, jit, cut, layout)
    traced = step.get_concrete_function()  # once: a large model takes seconds
    traced.traced_from = step  # which holds the variables that replicas have of their own; graphs refer to them weakly
    functions = [traced]
    signatures = {SIGNATURE: traced} | totals.signatures(traced, specs)
    if preprocess:
        signatures[preprocess.KEY] = preprocess.function
        functions.append(preprocess.function.get_concrete_function())
    elif resident.possible(specs):
        signatures |= resident.signatures(traced, specs)
    signatures |= others or {}
    state = State(model, [*functions, *(others or {}).values()])
    try:
        with _named(state.tracked):
            tf.saved_model.save(state, folder, signatures=signatures)
    except tf.errors.OpError as error:
        # The message ends with that of the system: "…; No space left on device [Op:SaveV2]".
        reason = error.message.rsplit("; ", 1)[-1].split(" [Op:")[0]
        raise ExportError(f"the SavedModel cannot be written to {Path(folder).parent}: {reason}") from error
    assets = Path(folder) / "assets"
    if not any(assets.iterdir()):
        assets.rmdir()
    return functions


def cut_step(model, specs, jit, cut, layout):
    """Return the training step as a tf.function of `specs`, the arguments as of `save`.

    Raises ExportError for a step that cannot be cut so.
    """
    if cut.replicas > 1 and jit:
        raise ExportError("it cannot be computed on several devices: XLA compiles its step (jit_compile=True)")
    if cut.replicas > 1:
        made = towers.replicated_step(model, cut.replicas, cut.device, specs, layout)

        def step(*columns):
            with randomness.numbered():
                return made(*columns)

    elif cut.parts > 1:
        step, jit = towers.training_step(model, cut.parts, jit, layout), False
    else:
        step = training_step(model, layout)
    return tf.function(step, input_signature=specs, jit_compile=jit or None, autograph=False)


@contextlib.contextmanager
def _named(variables):
    """Within it, raw variables have names that a graph can hold; Keras takes any for metrics."""
    with contextlib.ExitStack() as stack:
        for variable in variables:
            fitting = _UNFIT.sub("_", variable._handle_name.removesuffix(":0")).lstrip("_") or "variable"
            stack.enter_context(mock.patch.object(variable, "_handle_name", f"{fitting}:0"))
        yield


def load(session, folder):
    """Load the SavedModel into a tf.compat.v1 Session, as the C API does. Returns its MetaGraphDef."""
    return tf.compat.v1.saved_model.loader.load(session, [tf.compat.v1.saved_model.tag_constants.SERVING], folder)


def reset_names(folder):
    """Return the (filename tensor, operation) by which the SavedModel in `folder` restores its variables."""
    saved = SavedModel.FromString((Path(folder) / "saved_model.pb").read_bytes())
    saver = saved.meta_graphs[0].saver_def
    return saver.filename_tensor_name, saver.restore_op_name
