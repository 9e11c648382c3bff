"""Which inputs of a model index a table, as tokens index that of an Embedding, found in its traced forward pass.

Only then does a value out of range make the model fail, or compute something else. An input is followed from its
placeholder through operations that leave its values as they are, in any layer, to the operations that gather rows.
"""

import keras
import tensorflow as tf
from tensorflow.python.ops import handle_data_util

from pygen.model.forward import call

# Operations whose output holds every value of their input 0 and changes none of them. A cast from floats cuts fractions
# off, as the index itself does.
_SAME = {"Identity", "Cast", "StopGradient", "PreventGradient", "Reshape", "ExpandDims", "Squeeze", "Transpose", "Tile"}
_SAME |= {"BroadcastTo", "EnsureShape", "Snapshot", "CheckNumerics"}

# Operations whose output holds values of several inputs, and changes none: up to the number that they say.
_JOINED = {"ConcatV2": "N", "Pack": "N"}


def sizes(model, inputs):
    """Return, for each leaf of the nest `inputs` of KerasTensors, how many rows the table has that it indexes, or None.

    Where it indexes several, the smallest counts. A model that cannot be called so has None alone.
    """
    leaves = keras.tree.flatten(inputs)
    specs = [tf.TensorSpec(leaf.shape, leaf.dtype) for leaf in leaves]

    def forward(*columns):
        return call(model, keras.tree.pack_sequence_as(inputs, list(columns)))

    try:
        graph = tf.function(forward, input_signature=specs, autograph=False).get_concrete_function().graph
    except Exception:  # the author's code, which is told of where it counts
        return [None] * len(leaves)
    found = {}
    for operation in graph.get_operations():
        rows, indices = _gathered(operation)
        if rows:
            for name in _origins(indices):
                found[name] = min(rows, found.get(name, rows))
    return [found.get(tensor.op.name) for tensor in graph.inputs[: len(leaves)]]


def _gathered(operation):
    """Return (rows of the table, indices) of an operation that gathers rows, else (None, None)."""
    if operation.type == "ResourceGather":
        return _variable_shape(operation.inputs[0])[0], operation.inputs[1]
    if operation.type == "GatherV2" and not operation.get_attr("batch_dims"):
        axis, shape = tf.get_static_value(operation.inputs[2]), operation.inputs[0].shape
        if axis is not None and shape.rank:
            return shape[int(axis)], operation.inputs[1]
    return None, None


def _variable_shape(resource):
    """Return the shape of the variable behind a resource, [None] if it is not known."""
    known = handle_data_util.get_resource_handle_data(resource)
    shape = tf.TensorShape(known.shape_and_type[0].shape if known.is_set else None)
    return shape.as_list() if shape.rank else [None]


def _origins(tensor):
    """Yield the names of the placeholders of which `tensor` holds all values, unchanged."""
    operation = tensor.op
    if operation.type == "Placeholder":
        yield operation.name
    elif operation.type in _SAME:
        yield from _origins(operation.inputs[0])
    elif operation.type in _JOINED:
        for joined in operation.inputs[: operation.get_attr(_JOINED[operation.type])]:
            yield from _origins(joined)
    elif operation.type in ("Select", "SelectV2") and _wraps(operation.inputs[1], operation.inputs[2]):
        yield from _origins(operation.inputs[2])


def _wraps(wrapped, tensor):
    """Report whether `wrapped` is `tensor` plus something: Keras counts negative indices from the end of the table."""
    return wrapped.op.type in ("AddV2", "Add") and wrapped.op.inputs[0] is tensor
