"""Floating-point operations of one training step.

They are those that tf.compat.v1.profiler counts: an addition or a multiplication is one operation, and so is each
elementwise function. It misses some operations, counts the gradients of a convolution as if it were padded, and counts
the body of a loop once. The formulas below mend the first two, `_turns` the third. Operations that nothing depends on
are not counted, because TensorFlow does not run them.
"""

import math
from collections import Counter

import tensorflow as tf
from tensorflow.python.framework import ops
from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

from pygen.errors import ExportError
from pygen.model.columns import SIMPLE
from pygen.training import step


def per_example(model, specs, layout=SIMPLE):
    """Return the operations of one training step on a batch of `specs` divided by the batch size, an integer.

    `specs` are tf.TensorSpecs of the layout's columns, without free dimensions. Raises ExportError if the operations
    depend on the data.
    """
    return round(by_operation(model, specs, layout).total() / specs[0].shape[0])


def by_operation(model, specs, layout=SIMPLE):
    """Return the operations of one training step as a Counter by the type of TensorFlow's operation."""
    step.build_optimizer(model)
    traced = tf.function(step.training_step(model, layout), input_signature=specs, autograph=False)
    return _graph(traced.get_concrete_function().graph)


def _graph(graph):
    return sum(map(_operation, _needed(graph)), Counter())


def _needed(graph):
    """Return the operations that the graph's outputs and side effects depend on."""
    todo = [t.op for t in graph.outputs] + list(graph.control_outputs)
    needed = {}
    while todo:
        op = todo.pop()
        if op.name not in needed:
            needed[op.name] = op
            todo += [t.op for t in op.inputs] + list(op.control_inputs)
    return needed.values()


def _operation(op):
    if op.type in ("While", "StatelessWhile"):
        turns, once = _turns(op), _function(op, "body") + _function(op, "cond")
        return Counter({name: turns * count for name, count in once.items()})
    if op.type in ("PartitionedCall", "StatefulPartitionedCall"):
        return _function(op, "f")
    if op.type in ("If", "StatelessIf"):
        return max(_function(op, "then_branch"), _function(op, "else_branch"), key=Counter.total)
    try:
        return Counter({op.type: _count(op)})
    except (AssertionError, TypeError, ValueError) as error:
        if op.type not in _LARGE:  # as an optimizer's on the rows of an embedding that a batch holds
            return Counter()
        raise ExportError(f"cannot count the operations of {op.type} {op.name}: a shape is not known") from error


def _count(op):
    if op.type in _FORMULAS:
        return _FORMULAS[op.type](op)
    return int(ops.get_stats_for_node_def(op.graph, op.node_def, "flops").value or 0)


def _function(op, attribute):
    function = _named(op.graph, op.get_attr(attribute).name)
    if hasattr(function, "graph"):
        return _graph(function.graph)
    return _graph(_of_definition(op, function.definition))


def _of_definition(op, definition):
    """Return the graph of a function that came with an imported graph, for the shapes that `op` calls it with."""
    for argument in definition.arg_attr.values():
        argument.attr.pop("_output_shapes", None)  # those of the graph that was imported
    taken = len(definition.signature.input_arg)
    with op.graph.as_default():
        shapes = [tensor.shape for tensor in op.inputs][-taken:] if taken else []
        return function_def_to_graph(definition, input_shapes=shapes)


def _named(graph, name):
    """Return the function of that name, of the graph or of one around it."""
    while (function := graph._get_function(name)) is None:
        graph = graph.outer_graph
    return function


def _turns(loop):
    """Return how often a loop runs: its second input is its maximum. Raises ExportError if that depends on data."""
    most = loop.inputs[1]
    graph = tf.Graph()
    with graph.as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(loop.graph.as_graph_def(), name="")
        try:
            turns = int(session.run(most.name))
        except tf.errors.InvalidArgumentError as error:
            raise ExportError(f"cannot count the turns of loop {loop.name}: they depend on the data") from error
    if turns < 0:
        raise ExportError(f"cannot count the turns of loop {loop.name}: it has no maximum")
    return turns


_LARGE = {"MatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum"} | {
    f"{kind}{pass_}"
    for kind in ("Conv2D", "Conv3D", "DepthwiseConv2dNative")
    for pass_ in ("", "BackpropInput", "BackpropFilter", "BackpropInputV2", "BackpropFilterV2")
}


def _size(tensor):
    return tensor.shape.num_elements()


def _convolution(kernel_shape, outputs):
    """Count two operations for each pair of an output value and a kernel value that it depends on."""
    height, width, channels, _ = kernel_shape
    return 2 * outputs * height * width * channels


def _einsum(op):
    """Count two operations for each combination of the labels of the equation."""
    labels = {}
    left = op.get_attr("equation").decode().split("->")[0].split(",")
    for term, tensor in zip(left, op.inputs, strict=True):
        shape = tensor.shape.as_list()
        head, ellipsis, tail = term.partition("...")
        extra = [f"_{n}" for n in range(len(shape) - len(head) - len(tail))] if ellipsis else []
        labels |= dict(zip([*head, *extra, *tail], shape, strict=True))
    return (2 if len(op.inputs) > 1 else 1) * math.prod(labels.values())


def _depthwise(kernel, outputs):
    """Count two operations for each pair of an output value and a kernel value of its channel."""
    height, width, _, _ = kernel.shape
    return 2 * _size(outputs) * height * width


_FORMULAS = {
    "Einsum": _einsum,
    "DepthwiseConv2dNativeBackpropInput": lambda op: _depthwise(op.inputs[1], op.inputs[2]),
    "DepthwiseConv2dNativeBackpropFilter": lambda op: _depthwise(op.outputs[0], op.inputs[2]),
    # Mean (1), variance (3), normalising (2), scale and shift (2) of each value; on the way back the two sums over the
    # batch (3) and the gradient that they enter (7).
    "FusedBatchNormV3": lambda op: 8 * _size(op.inputs[0]),
    "FusedBatchNormGradV3": lambda op: 10 * _size(op.inputs[0]),
    # Each of the three passes over a convolution multiplies and adds the same pairs.
    "Conv2DBackpropInput": lambda op: _convolution(op.inputs[1].shape, _size(op.inputs[2])),
    "Conv2DBackpropFilter": lambda op: _convolution(op.outputs[0].shape, _size(op.inputs[2])),
    "AssignAddVariableOp": lambda op: _size(op.inputs[1]),
    "AssignSubVariableOp": lambda op: _size(op.inputs[1]),
    # Each row is added to its segment.
    "UnsortedSegmentSum": lambda op: _size(op.inputs[0]),
    # Softmax (5, as TensorFlow counts it), logarithm, and the gradient's subtraction, for each logit.
    "SparseSoftmaxCrossEntropyWithLogits": lambda op: 7 * _size(op.inputs[0]),
    "SigmoidGrad": lambda op: 3 * _size(op.outputs[0]),  # dy·y·(1−y)
    "TanhGrad": lambda op: 3 * _size(op.outputs[0]),  # dy·(1−y²)
    **dict.fromkeys(
        ("Relu", "ReluGrad", "Sigmoid", "Tanh", "Exp", "Sqrt", "DivNoNan"), lambda op: _size(op.outputs[0])
    ),
}
