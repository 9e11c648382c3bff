"""The start weights of a graph, for loops that know no TensorFlow: `python -m pygen.peers.weights GRAPH FILE.npz`."""

import itertools
import json
import os
import sys
from pathlib import Path

import numpy as np


def main(graph, file):
    """Write the weights in Keras's own order, which is that of the variables in the graph's folder."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    parameters = json.loads((Path(graph) / "graph.json").read_text())["model"]["parameters"]
    variables = tf.train.load_checkpoint(str(Path(graph) / "variables" / "variables"))
    weights = []
    for number in itertools.count():
        if sum(weight.size for weight in weights) >= parameters:
            break
        value = variables.get_tensor(f"tracked/{number}/.ATTRIBUTES/VARIABLE_VALUE")
        if value.dtype.kind == "f":  # the state of random numbers is among them
            weights.append(value)
    np.savez(file, **{f"{number:03}": weight for number, weight in enumerate(weights)})


if __name__ == "__main__":
    main(*sys.argv[1:])
