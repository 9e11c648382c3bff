"""What Keras makes of weights that Go saved: python keras_side.py DATA.npz GRAPH START.weights.h5 TRAINED.weights.h5 BATCH EPOCHS.

Trains the built-in model mlp from START, on the data in order, as the graph in folder GRAPH was trained, and loads
TRAINED into another one. Prints JSON: "weights" and "optimizer", the largest differences of the variables of the two;
"loss" of the loaded model on all data; "next", the loss of one more step of each on the first batch.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from pygen.models import mlp  # noqa: E402


def build(weights):
    """Return the compiled model with the weights, and the optimizer's state, of a file."""
    model = mlp.build(input_shape=(8, 8), classes=10)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(weights)
    return model


def prepare(data, graph):
    """Return x and y as the graph's step is fed them."""
    arrays = np.load(data)
    x, y = arrays["x"].astype("float32"), arrays["y"].astype("int32")
    for step in json.loads(Path(graph, "graph.json").read_text())["preprocess"]:
        if step["op"] != "scale":
            raise ValueError(f"this test knows no {step['op']}")
        x = x * np.float32(step["factor"])
    return x, y


def difference(variables, others):
    """Return the largest difference of two lists of variables."""
    pairs = zip(variables, others, strict=True)
    return max(float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) for a, b in pairs)


def main(data, graph, start, trained, batch, epochs):
    """Print how both models differ."""
    x, y = prepare(data, graph)
    batch = int(batch)
    keras_trained, loaded = build(start), build(trained)
    for _ in range(int(epochs)):
        for first in range(0, len(x), batch):
            keras_trained.train_on_batch(x[first : first + batch], y[first : first + batch])
    found = {
        "weights": difference(keras_trained.variables, loaded.variables),
        "optimizer": difference(keras_trained.optimizer.variables, loaded.optimizer.variables),
        "loss": float(loaded.evaluate(x, y, batch_size=len(x), verbose=0)),
    }
    found["next"] = [float(m.train_on_batch(x[:batch], y[:batch])) for m in (keras_trained, loaded)]
    print(json.dumps(found))


main(*sys.argv[1:])
