"""Launches in the process of the tests: a job in, the events out."""

import json
import os
import time
from pathlib import Path

from pygen.worker import launch
from pygen.worker.protocol import Channel, Failure, Job

CONFIG = {"epochs": 1, "warmup": 1, "batch": 16, "samples": 0, "device": "cpu", "seed": 1, "shuffle": False}
CONFIG |= {"intra_op": 0, "inter_op": 0}
SETTINGS = {"samples": 64, "batch": 16, "epochs": 1}

MODEL = """
import keras
import numpy as np
import tensorflow as tf
random = np.random.default_rng(1)
x, y = random.normal(size=(64, 4)).astype("float32"), random.normal(size=(64, 1)).astype("float32")
def new(*layers, **compiled):
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1)])
    model.compile(**({"optimizer": "sgd", "loss": "mse"} | compiled))
    return model
"""


def graph(folder, model, options=(), **described):
    """Write a folder with the manifest alone of a graph, and return it. `described` has more of the manifest."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    told = {"name": "g", "sha256": "00", "variant": {}, "signatures": {}, "settings": SETTINGS, "preprocess": []}
    told["origin"] = {"model": str(model), "folder": str(folder), "options": list(options)}
    (folder / "graph.json").write_text(json.dumps(told | described))
    return folder


def of_script(folder, text, phase=1, call="fit", **described):
    """Write a script and the manifest of the graph of one of its phases; return the folder."""
    file = Path(folder) / "train.py"
    file.write_text(text)
    told = {"file": "train.py", "call": call, "line": 9, "phase": phase, "phases": phase}
    return graph(folder, file, script=told, **described)


def job(folder, runtime="fit", examples="", sha256="00", **config):
    """Return the Job of a launch."""
    return Job("train", str(folder), sha256, CONFIG | {"runtime": runtime} | config, examples=str(examples))


def launched(asked):
    """Do a job; return ({name of an event: [what they say]}, Failure or None)."""
    reader, writer = os.pipe()
    failure = None
    with os.fdopen(reader) as events, os.fdopen(writer, "w") as out:
        channel = Channel(out.fileno(), -1)
        try:
            launch.run(asked, channel, time.perf_counter())
        except Failure as failed:
            failure = failed
        out.close()
        found = {}
        for line in events:
            event = json.loads(line)
            found.setdefault(event["event"], []).append(event.get(event["event"]))
    return found, failure


def epochs(asked):
    """Do a job that must work; return its epochs."""
    found, failure = launched(asked)
    assert failure is None, failure
    assert list(found) == ["hello", "loaded", "epoch", "memory"]
    return found["epoch"]


def refused(asked):
    """Do a job that must fail; return its Failure."""
    _, failure = launched(asked)
    assert failure is not None
    return failure
