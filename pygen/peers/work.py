"""One piece of work, and how a Python contender is timed on it.

A work folder, made by `prepare.py`, holds

    work.json      model, batch, epochs, classes, loss …
    data.npz       x and y; sequences lie end to end with `x.lengths` beside them
    fixed.npz      the same with sequences, which are of one length here, as one array, for graphs of a fixed length
    weights.npz    the Keras model's start weights, in its own order
    batches.bin    every batch as the C loop reads it

A contender gets the folder, does the same training as all others, and prints one JSON line.
"""

import json
import os
import time
from pathlib import Path

import numpy as np

# The first warm-up epoch runs each batch shape for the first time, compilation included; the second is the warm-up.
WARMUP = 2
STARTED = "PEERS_STARTED"


class Work:
    """The examples, start weights and settings of a work folder."""

    def __init__(self, folder):
        """Load a work folder."""
        self.folder = Path(folder)
        settings = json.loads((self.folder / "work.json").read_text())
        self.model = settings["model"]
        self.batch = settings["batch"]
        self.epochs = settings["epochs"]
        with np.load(self.folder / "data.npz") as arrays:
            self.x, self.y = arrays["x"], arrays["y"]
            self.sequences = "x.lengths" in arrays
            if self.sequences:
                self.x = np.split(self.x, np.cumsum(arrays["x.lengths"])[:-1])

    @property
    def samples(self):
        """Number of examples."""
        return len(self.y)

    def weights(self):
        """Return the Keras model's start weights in Keras's own order."""
        with np.load(self.folder / "weights.npz") as arrays:
            return [arrays[name] for name in arrays.files]

    def batches(self):
        """Yield (x, y) of each batch, sliced from the examples and, where they are sequences, padded."""
        for start in range(0, self.samples, self.batch):
            rows = self.x[start : start + self.batch]
            yield pad(rows) if self.sequences else rows, self.y[start : start + self.batch]


def pad(rows):
    """Return sequences as one array, filled up with 0 to the longest."""
    padded = np.zeros((len(rows), max(map(len, rows))), rows[0].dtype)
    for line, row in zip(padded, rows, strict=True):
        line[: len(row)] = row
    return padded


def weighted(losses, sizes):
    """Return the mean of step losses weighted by their examples."""
    return float(np.average([float(loss) for loss in losses], weights=sizes))


def measure(work, epoch):
    """Time `epoch()`, which trains one epoch and returns its mean loss: warm-up epochs, then measured ones.

    Returns the result's "seconds", "losses" (warm-up included) and "start_s".
    """
    seconds, losses, start = [], [], None
    for number in range(WARMUP + work.epochs):
        if number == WARMUP:
            start = since_start()
        before = time.perf_counter()
        losses.append(float(epoch()))
        seconds.append(time.perf_counter() - before)
    return {"seconds": seconds[WARMUP:], "losses": losses, "start_s": start}


def since_start():
    """Return the seconds since the driver started this process."""
    return time.monotonic() - float(os.environ.get(STARTED, "nan"))


def tell(result, **versions):
    """Print the result as one JSON line, with the versions of what made it."""
    print(json.dumps({**result, "versions": versions}), flush=True)
