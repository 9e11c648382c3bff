"""What Keras has of its own in each replica of tf.distribute.MirroredStrategy, for towers that do without the strategy.

Found in Keras 3.15 and by running it. Variables that layers change (moving statistics, states of seeds) have
the aggregation "none": each replica changes its own, and what is read and saved is the first one's. Seeds begin and go
on alike, so replicas drop the same places. Optimizers clip before gradients are added up.
"""

import contextlib
import importlib
from unittest import mock

import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import BaseResourceVariable, ResourceVariable

from pygen.errors import ExportError

_KINDS = (BaseResourceVariable, ResourceVariable)  # of which the second may have the methods too
_ASSIGNS = [(k, name) for k in _KINDS for name in ("assign", "assign_add", "assign_sub") if name in vars(k)]


def check(model):
    """Raise ExportError for a model that MirroredStrategy trains in a way that towers do not."""
    optimizer = model.optimizer
    inner = getattr(optimizer, "inner_optimizer", None)
    clips = any(getattr(inner, name, None) for name in ("clipnorm", "global_clipnorm", "clipvalue"))
    synchronized = [layer.name for layer in model._flatten_layers() if getattr(layer, "synchronized", False)]
    reasons = {
        f"{', '.join(synchronized)} has synchronized=True": synchronized,
        "its optimizer accumulates gradients over steps": getattr(
            inner or optimizer, "gradient_accumulation_steps", None
        ),
        "its optimizer clips gradients of a scaled loss": clips,
    }
    for reason, holds in reasons.items():
        if holds:
            raise ExportError(f"it cannot be computed on several devices: {reason}, which towers do not do")


def ranges(column, replicas):
    """Return [(first, end)] of the examples of each replica, as MirroredStrategy cuts a batch; numbers if it is fixed.

    Each has as many, rounded up, until there are no more.
    """
    if (fixed := column.shape[0]) is not None:
        each = -(-fixed // replicas)
        return [(min(k * each, fixed), min((k + 1) * each, fixed)) for k in range(replicas)]
    batch = tf.shape(column)[0]
    each = (batch + replicas - 1) // replicas
    return [(tf.minimum(k * each, batch), tf.minimum((k + 1) * each, batch)) for k in range(replicas)]


@contextlib.contextmanager
def scaling(replicas):
    """Within it, losses are scaled as in one of so many replicas. Yields the function that takes the scale off."""
    module = importlib.import_module("keras.src.losses.loss")

    def times(value, factor):
        return value if replicas == 1 else value * tf.cast(factor, value.dtype)

    def unscale(value):
        return times(value, replicas)

    with (
        mock.patch.object(module, "scale_loss_for_distribution", lambda value: times(value, 1 / replicas)),
        mock.patch.object(module, "unscale_loss_for_distribution", unscale),
    ):
        yield unscale


def clipped(model):
    """Return a context within which the optimizer takes gradients for clipped."""
    return mock.patch.object(model.optimizer, "_clip_gradients", lambda gradients: gradients)


class State:
    """The variables that a step changes in each replica but the first, which has those of the model."""

    def __init__(self, model, replicas, step, specs):
        """Find what the function `step` of the columns of `specs` changes, and make copies of it.

        Raises ExportError for a variable that is not Keras's, and for a trained weight that a layer changes too.
        """
        changed = _changed(step, specs)
        trained = {id(variable) for variable in model.trainable_variables}
        if both := [variable.path for variable in changed if id(variable) in trained]:
            raise ExportError(
                f"it cannot be computed on several devices: layers change weights that are trained, {', '.join(both)}"
            )
        shared = {id(variable) for metric in model.metrics for variable in metric.variables}
        variables = [variable for variable in changed if id(variable) not in shared]
        self.copies = [[]] + [[(variable, _copy(variable, k)) for variable in variables] for k in range(1, replicas)]

    @contextlib.contextmanager
    def of(self, replica):
        """Within it, the variables of the model that layers change are those of a replica."""
        with contextlib.ExitStack() as stack:
            for variable, copy in self.copies[replica]:
                stack.enter_context(mock.patch.object(variable, "_value", copy))
            yield


def _copy(variable, replica):
    name = f"{variable.path}_replica_{replica}"
    return tf.Variable(variable.value, trainable=False, dtype=variable.value.dtype, name=name)


def _changed(step, specs):
    """Return the Keras variables that a function changes. Raises ExportError for a variable that is not Keras's."""
    from keras.src.backend import Variable

    found, raw = {}, {}

    def noting(method):
        def assign(self, *arguments, **named):
            raw[id(self)] = self
            return method(self, *arguments, **named)

        return assign

    direct = Variable._direct_assign

    def assign(self, value):
        found[id(self)] = self
        return direct(self, value)

    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(Variable, "_direct_assign", assign))
        for kind, name in _ASSIGNS:
            stack.enter_context(mock.patch.object(kind, name, noting(getattr(kind, name))))
        tf.function(step, autograph=False).get_concrete_function(*specs)
    known = {id(variable._value) for variable in found.values()}
    if others := [variable.name for key, variable in raw.items() if key not in known]:
        raise ExportError(f"it cannot be computed on several devices, which would each change {', '.join(others)}")
    return list(found.values())
