import keras
import pytest
import tensorflow as tf

from pygen.models import cnn, gru, rnn
from pygen.tests.conftest import manifest
from pygen.training import flops


def specs(*shapes):
    return [tf.TensorSpec(shape, dtype) for shape, dtype in shapes]


def test_dense_layers_by_hand():
    model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(5), keras.layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
    batch = 4
    counts = flops.by_operation(model, specs(((batch, 7), "float32"), ((batch, 3), "float32")))
    # Multiply and add; forward and weights for both layers, inputs for the second only.
    assert counts["MatMul"] == 2 * batch * (2 * 7 * 5 + 3 * 5 * 3)
    assert counts["BiasAdd"] == batch * (5 + 3)
    assert counts["BiasAddGrad"] == (batch - 1) * (5 + 3)
    # SGD: one multiplication and one subtraction for each parameter.
    assert counts["AssignSubVariableOp"] == model.count_params()
    total = flops.per_example(model, specs(((batch, 7), "float32"), ((batch, 3), "float32")))
    assert total == round(counts.total() / batch)


class Imported(keras.layers.Layer):
    """Calls functions of a graph that was made elsewhere, as a layer of an older SavedModel does."""

    def call(self, x):
        inner = tf.function(lambda a: tf.matmul(a, tf.ones((7, 6))), autograph=False)
        outer = tf.function(lambda a: tf.cond(tf.reduce_sum(a) > 0, lambda: inner(a), lambda: a[:, :6]))
        with tf.Graph().as_default() as graph:
            made = outer(tf.compat.v1.placeholder(tf.float32, (None, 7), name="a"))
        (out,) = tf.graph_util.import_graph_def(graph.as_graph_def(), {"a:0": x}, [made.name])
        return tf.ensure_shape(out, (x.shape[0], 6))


def test_functions_of_an_imported_graph():
    model = keras.Sequential([keras.Input((7,)), Imported(), keras.layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
    counts = flops.by_operation(model, specs(((4, 7), "float32"), ((4, 3), "float32")))
    # Forward through both layers, and the weights of the last; the other has none, and nobody needs its gradient.
    assert counts["MatMul"] == 2 * 4 * (7 * 6 + 2 * 6 * 3)


def test_convolution_by_hand():
    batch = 2
    counts = flops.by_operation(cnn.build(), specs(((batch, 28, 28, 1), "float32"), ((batch,), "int32")))
    convolution = batch * 2 * (26 * 26 * 32) * (3 * 3 * 1)
    assert counts["Conv2D"] == counts["Conv2DBackpropFilter"] == convolution
    assert "Conv2DBackpropInput" not in counts  # nobody needs the gradient of the images
    assert counts["MatMul"] == batch * 3 * 2 * (13 * 13 * 32) * 10


@pytest.mark.parametrize("module", [rnn, gru], ids=["rnn", "gru"])
def test_loop_counts_as_unrolled(module, graphs):
    batch = module.SETTINGS.batch
    shapes = specs(((batch, 50), "int32"), ((batch,), "int32"))
    loop, unrolled = (flops.per_example(module.build(length=50, unroll=unroll), shapes) for unroll in (False, True))
    assert loop == pytest.approx(unrolled, rel=0.02)
    assert loop == manifest(graphs / module.__name__.split(".")[-1])["model"]["flops_per_example"]


def test_batch_shares_the_optimizer(graphs, variants):
    """54 410 Adam updates a step weigh less in a larger batch."""
    model = cnn.build()
    small, large = (flops.per_example(model, specs(((n, 28, 28, 1), "float32"), ((n,), "int32"))) for n in (1, 1000))
    assert small > large == manifest(graphs / "cnn")["model"]["flops_per_example"]
