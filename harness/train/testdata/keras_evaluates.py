"""What Keras makes of a model that Go trains: python keras_evaluates.py FOLDER EXAMPLES BATCH.

Exports the model of evaluated.py to FOLDER and prints a line. Then, for each PATH of a weights file on stdin, loads it
and prints JSON: "metrics", what evaluate returns on the first EXAMPLES of the graph's data, and "outputs", what predict
returns. It saves what it has loaded to PATH.keras.weights.h5.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2])]
import evaluated  # noqa: E402

from pygen import cli  # noqa: E402


def columns(folder, examples):
    """Return (x, y, sample_weight) of the graph's own data, nested as the model takes them."""
    arrays = {name: array[:examples] for name, array in np.load(folder / "data.npz").items()}
    weights = {name: arrays.pop(f"sample_weight_{name}") for name in ("liked", "kind")}
    return {k: arrays[k] for k in ("picture", "words")}, {k: arrays[k] for k in ("liked", "kind")}, weights


def main(folder, examples, batch):
    """Export, then answer."""
    folder = Path(folder)
    if code := cli.main(["export", str(HERE / "evaluated.py"), "--name", folder.name, "--out", str(folder.parent)]):
        sys.exit(code)
    x, y, sample_weight = columns(folder, int(examples))
    model = evaluated.build()
    model.optimizer.build(model.trainable_variables)
    for line in sys.stdin:
        model.load_weights(line.strip())
        model.save_weights(f"{line.strip()}.keras.weights.h5")
        found = model.evaluate(x, y, sample_weight=sample_weight, batch_size=int(batch), verbose=0, return_dict=True)
        made = model.predict(x, batch_size=int(batch), verbose=0)
        metrics = [{"name": name, "values": np.ravel(value).tolist()} for name, value in found.items()]
        outputs = {name: np.ravel(value).tolist() for name, value in made.items()}
        print(json.dumps({"metrics": metrics, "outputs": outputs}), flush=True)


main(*sys.argv[1:])
