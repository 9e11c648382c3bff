"""The weights that a graph starts with, given to a Keras model that is built like the one it was exported from."""

import gzip
import json
import shutil
import tempfile
import warnings
from pathlib import Path

from pygen.folder import weights


def load(model, folder):
    """Give the built `model`, of any backend, the weights of the graph in `folder`; return whether it has them.

    It has not where the graph keeps none, where TensorFlow, which reads them, is not installed, and where the model
    is built in another way. A weight of another shape keeps its own.
    """
    folder = Path(folder)
    try:
        values = _values(folder)
    except (OSError, ValueError, KeyError, ImportError):
        return False
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "start.weights.h5"
        with gzip.open(folder / weights.FILE) as packed, open(file, "wb") as out:
            shutil.copyfileobj(packed, out)
        with open(file, "r+b") as out:
            for offset, value in values:
                out.seek(offset)
                out.write(value.tobytes())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.load_weights(file, skip_mismatch=True)
        except Exception:  # it runs code of the author's layers
            return False
    return True


def _values(folder):
    """Return [(offset in the weights file, value)] of each variable that the graph keeps in its checkpoint."""
    import tensorflow as tf
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    saved = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0]
    names = {handle: name for name, handle in weights.handles(saved).items()}
    read = {f"{node.name}:0": node.input[0] for node in saved.graph_def.node if node.op == "ReadVariableOp"}
    checkpoint = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    index = json.loads((folder / weights.INDEX).read_text(encoding="utf-8"))
    return [
        (entry["offset"], checkpoint.get_tensor(names[read[entry["tensor"]]])) for entry in index if "tensor" in entry
    ]
