"""A C loop around the graph: `python -m pygen.peers.c_loop PROGRAM` is a worker, which becomes c_loop.c, as PROGRAM.

Python reads the job and makes the batches; the program then loads the graph, trains, and says the rest.
"""

import importlib.util
import json
import os
import sys
import time
import types
from importlib import metadata

import numpy as np

from pygen.peers import loop
from pygen.peers.work import Work
from pygen.worker import protocol

# What TF_DataType calls them.
DTYPES = {"float32": 1, "int32": 3, "int64": 9}


def main(program):
    """Take the job, and become the program."""
    channel = protocol.Channel(1, 0)
    try:
        job = protocol.parse(channel.read_line())
        said = loop.hello(["numpy"])
        channel.send("hello", said | {"tensorflow": tensorflow_version()})
        before = time.monotonic()
        work = Work(job)
        batches = write_batches(work)
        tensors = names(work.graph)
    except protocol.Failure as failure:
        channel.fail(failure)
        sys.exit(1)
    told = loop.loaded(work, time.monotonic() - before, 0)
    told.pop("load_s")  # the program's
    counts = [work.warmup, work.epochs, work.steps, work.samples]
    words = [program, work.graph, f"/proc/self/fd/{batches}", *tensors, *counts, loop.BEGAN, json.dumps(told)]
    os.execv(program, [str(word) for word in words])


def write_batches(work):
    """Return a descriptor with every batch: x and y of each as dtype, dimensions, shape, size (int64), and bytes."""
    descriptor = os.memfd_create("batches", 0)
    with open(descriptor, "wb", closefd=False) as file:
        for array in (array for batch in work.batches() for array in batch):
            head = [DTYPES[array.dtype.name], array.ndim, *array.shape, array.nbytes]
            file.write(np.array(head, np.int64).tobytes() + array.tobytes())
    return descriptor


def names(graph):
    """Return the names of the tensors that a training step is fed, x and y, and of its loss."""
    # TensorFlow's protocol buffers alone: TensorFlow itself takes seconds to be imported.
    package = types.ModuleType("tensorflow")
    package.__path__ = list(importlib.util.find_spec("tensorflow").submodule_search_locations)
    sys.modules["tensorflow"] = package
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    saved = SavedModel.FromString((graph / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def["train"]
    manifest = json.loads((graph / "graph.json").read_text())
    feeds = [signature.inputs[tensor["name"]].name for tensor in manifest["inputs"] + manifest["targets"]]
    return [*feeds, signature.outputs[manifest["signatures"]["train"]["loss"]].name]


def tensorflow_version():
    """Return the version of TensorFlow, under whichever name it is installed."""
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    raise protocol.Failure("env", "this Python has no TensorFlow", "run make setup")


if __name__ == "__main__":
    main(sys.argv[1])
