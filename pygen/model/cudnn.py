"""Recurrent layers as kernels of cuDNN, traced on a machine without a GPU.

Keras decides between a loop and a kernel while it traces, by whether TensorFlow sees a GPU, and orders the gates of a
GRU by whether TensorFlow is built for CUDA. A graph that is traced here with both answers of a GPU machine holds the
kernels, runs there, and nowhere else.
"""

import contextlib
import importlib
from unittest import mock

import tensorflow as tf

_OPERATION = "CudnnRNN"


@contextlib.contextmanager
def kernels():
    """Within it, recurrent layers are traced as on a machine with a GPU, where Keras would."""
    known = tf.sysconfig.get_build_info()
    with (
        mock.patch.object(_keras(), "_is_gpu_available", lambda: True),
        mock.patch.object(tf.sysconfig, "get_build_info", lambda: known | {"is_cuda_build": True}),
    ):
        yield


@contextlib.contextmanager
def watched():
    """Within it, layers are traced as here. Yields a list that is not empty if one would be a kernel on a GPU."""
    asked, here = [], _keras()._is_gpu_available

    def is_available():  # Keras asks last, after all that depends on the layer
        asked.append(True)
        return here()

    with mock.patch.object(_keras(), "_is_gpu_available", is_available):
        yield asked


def held(function):
    """Report whether a traced function holds a kernel of cuDNN, in itself or in what it calls."""
    definition = function.graph.as_graph_def()
    nodes = [definition.node, *(called.node_def for called in definition.library.function)]
    return any(node.op.startswith(_OPERATION) for each in nodes for node in each)


def _keras():
    """Return Keras's module with the recurrent layers of its TensorFlow backend: its name is taken by a function."""
    return importlib.import_module("keras.src.backend.tensorflow.rnn")
