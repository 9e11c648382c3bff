"""Graphs for a GPU, of which all but the kernels can be checked without one."""

from unittest import mock

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pygen.model import cudnn
from pygen.tests.conftest import manifest

KERNELS = ["CudnnRNNV3", "CudnnRNNBackpropV3"]


def operations(folder):
    """{operation: how many nodes} of a SavedModel, with those of its functions."""
    graph = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    found = {}
    for node in nodes:
        found[node.op] = found.get(node.op, 0) + 1
    return found


def loops(folder):
    """How many loops a SavedModel has. Those over the steps of an epoch on resident data are in every one."""
    found = operations(folder)
    return found.get("While", 0) + found.get("StatelessWhile", 0)


def variables(folder):
    """{name: value} of the variables of a SavedModel."""
    path = str(folder / "variables" / "variables")
    return {
        name: tf.train.load_variable(path, name) for name, _ in tf.train.list_variables(path) if "OBJECT" not in name
    }


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_graph_for_a_gpu_has_kernels_in_place_of_loops(name, graphs, variants):
    plain, target = graphs / name, variants / f"{name}-gpu"
    for kernel in KERNELS:
        assert kernel in operations(target)
        assert kernel not in operations(plain)
    assert loops(target) == loops(graphs / "mlp") < loops(plain)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_it_is_the_same_training_otherwise(name, graphs, variants):
    plain, target = manifest(graphs / name), manifest(variants / f"{name}-gpu")
    assert (plain["variant"]["device"], target["variant"]["device"]) == ("cpu", "gpu")
    assert plain["variant"]["loops"] is True
    assert "loops" not in target["variant"]
    assert target["parity"]["losses"] == plain["parity"]["losses"]
    assert set(target["signatures"]) == set(plain["signatures"])
    ours, theirs = variables(graphs / name), variables(variants / f"{name}-gpu")
    assert sorted(value.shape for value in ours.values()) == sorted(value.shape for value in theirs.values())
    assert ours.keys() == theirs.keys()
    for key in ours:
        assert np.array_equal(ours[key], theirs[key])


@pytest.mark.parametrize("name", ["mlp", "rnn"])
def test_other_models_have_no_loops_to_replace(name, graphs):
    assert "loops" not in manifest(graphs / name)["variant"]


@pytest.mark.parametrize(("cell", "first"), [(tf.keras.layers.LSTM, 0), (tf.keras.layers.GRU, 1)])
def test_gates_are_in_the_order_of_cudnn(cell, first):
    """Keras swaps a GRU's first gates only where TensorFlow is built for CUDA, as it is where the graph runs."""
    units, inputs = 2, 3
    layer = cell(units)
    layer.build((None, 5, inputs))
    layer.cell.kernel.assign(np.arange(layer.cell.kernel.shape[1] * float(inputs)).reshape(inputs, -1))
    given = {}

    def kernel(**arguments):
        given.update(arguments)
        raise tf.errors.NotFoundError(None, None, "there is no GPU here")

    with cudnn.kernels(), mock.patch.object(tf.raw_ops, "CudnnRNNV3", kernel):
        layer(tf.zeros((1, 5, inputs)))
    gate = layer.cell.kernel.numpy()[:, first * units : (first + 1) * units]
    assert np.array_equal(given["params"][: units * inputs], gate.T.reshape(-1))
