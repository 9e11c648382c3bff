"""Makes the work folders: `python -m pygen.peers.prepare FOLDER MODEL[:[BATCH][:EPOCHS]]…`; the model has defaults.

FOLDER/graphs has the models' exported graphs already. Written are FOLDER/MODEL or FOLDER/MODEL-BATCH (see `work.py`)
and FOLDER/c_loop.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pygen import options, prepare
from pygen.author import origin
from pygen.examples import archive, source
from pygen.peers import work as peers

# What TF_DataType calls them.
DTYPES = {"float32": 1, "int32": 3}


def main(folder, *configurations):
    """Make the work folders and build the C loop."""
    folder = Path(folder)
    for configuration in configurations:
        model, batch, epochs = (configuration + "::").split(":")[:3]
        make(folder, model, int(batch or 0), int(epochs or 0))
    build_c_loop(folder / "c_loop")


def make(folder, name, batch, epochs):
    """Make one work folder."""
    spec = origin.parse(name)
    module = origin.module_of(spec)
    examples = source.Synthetic(module.DATA)
    prepared = prepare.prepare(options.Request(spec=spec, name=name, source=examples))
    model, entries = prepared.model, prepared.entries
    home = folder / (f"{name}-{batch}" if batch else name)
    home.mkdir(parents=True, exist_ok=True)
    settings = {
        "model": name,
        "batch": batch or module.SETTINGS.batch or module.SETTINGS.samples,
        "epochs": epochs or module.SETTINGS.epochs,
        "samples": module.SETTINGS.samples,
        **tensors(folder / "graphs" / name),
    }
    (home / "work.json").write_text(json.dumps(settings, indent=1) + "\n")
    np.savez(home / "weights.npz", **{f"{i:02}": weight for i, weight in enumerate(model.get_weights())})
    columns = examples.draw(module.SETTINGS.samples, entries, vary=False)
    archive.write(home / "data.npz", columns)
    np.savez(home / "fixed.npz", **{key: np.asarray(column) for key, column in columns.items()})
    write_batches(home)


def tensors(graph):
    """Return the names of the tensors that a training step is fed and gives."""
    saved = SavedModel.FromString((graph / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def["train"]
    return {"feeds": [signature.inputs[name].name for name in "xy"], "fetch": signature.outputs["loss"].name}


def write_batches(home):
    """Write every batch for the C loop: int64 count; then x and y of each as dtype, dimensions, shape, size, bytes."""
    batches = list(peers.Work(home).batches())
    with open(home / "batches.bin", "wb") as file:
        np.array([len(batches)], np.int64).tofile(file)
        for array in (array for batch in batches for array in batch):
            head = [DTYPES[array.dtype.name], array.ndim, *array.shape, array.nbytes]
            np.array(head, np.int64).tofile(file)
            np.ascontiguousarray(array).tofile(file)


def build_c_loop(program):
    """Build the C program against the library that this Python has."""
    library = Path(tf.sysconfig.get_lib())
    libraries = [library / "libtensorflow_cc.so.2", library / "libtensorflow_framework.so.2"]
    code = Path(__file__).with_name("c_loop.c")
    options = ["-O2", "-Wall", "-Wextra", "-Werror", f"-I{tf.sysconfig.get_include()}", f"-Wl,-rpath,{library}"]
    subprocess.run(["cc", *options, code, "-o", program, *libraries], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
