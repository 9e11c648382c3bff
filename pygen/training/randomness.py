"""TensorFlow's own random operations, numbered, so that a graph draws the same numbers wherever it is traced.

Keras's seeded layers keep their state in variables, which are reset with all others. `tf.random` instead derives a seed
from the number of operations in the graph before it, so the exported graph and Keras's would draw different numbers.
"""

import contextlib
import itertools
from unittest import mock


@contextlib.contextmanager
def numbered(seed=1):
    """Within it, the n-th unseeded random operation that is traced gets the seeds (`seed`, n)."""
    from tensorflow.python.framework import random_seed

    count = itertools.count(1)

    def get_seed(op_seed):
        return seed, next(count) if op_seed is None else op_seed

    with mock.patch.object(random_seed, "get_seed", get_seed):
        yield


def keeps_state(graph):
    """Tell whether a traced graph draws random numbers from a state that no variable holds."""
    functions = graph.as_graph_def().library.function
    nodes = [*graph.as_graph_def().node, *(node for function in functions for node in function.node_def)]
    return any(node.op in _STATEFUL for node in nodes)


_STATEFUL = {
    "RandomUniform",
    "RandomUniformInt",
    "RandomStandardNormal",
    "TruncatedNormal",
    "RandomGamma",
    "RandomPoissonV2",
    "RandomShuffle",
    "Multinomial",
    "ParameterizedTruncatedNormal",
}
