"""Seeds for the random operations of TensorFlow, so that a graph draws the same numbers wherever it is traced.

The seeded layers of Keras keep their state in variables, which are reset with all others. `tf.random` derives its seed
from the number of operations before it in the graph, so the exported graph and that of Keras would draw other numbers.
"""

import contextlib
import itertools
import re
from unittest import mock


@contextlib.contextmanager
def numbered(seed=1):
    """Within it, the n-th random operation that is traced without a seed gets the seeds (`seed`, n)."""
    from tensorflow.python.framework import random_seed

    count = itertools.count(1)

    def get_seed(op_seed):
        return seed, next(count) if op_seed is None else op_seed

    with mock.patch.object(random_seed, "get_seed", get_seed):
        yield


def keeps_state(graph):
    """Report whether a traced graph draws random numbers from a state that no variable holds."""
    return any(node.op in _STATEFUL for node in _nodes(graph))


def draws(graph):
    """Report whether a traced graph draws random numbers, from a state or from seeds that it is given."""
    return any(node.op in _STATEFUL or _SEEDED.fullmatch(node.op) for node in _nodes(graph))


def _nodes(graph):
    definition = graph.as_graph_def()
    return [*definition.node, *(node for function in definition.library.function for node in function.node_def)]


_SEEDED = re.compile(r"Stateless(Random(?!Get)|Truncated|Parameterized|Multinomial|Shuffle|Dropout).*")
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
