"""What a job trains: its examples in batches, and the start weights of its model, as NumPy arrays."""

import json
from pathlib import Path

import numpy as np

from pygen.worker.protocol import Failure


class Work:
    """The examples and settings of a job, whose graph has one input and one target."""

    def __init__(self, job):
        """Read the examples of a protocol.Job. Raises Failure."""
        self.epochs, self.warmup = job.epochs, job.config["warmup"]
        manifest = json.loads((Path(job.graph) / "graph.json").read_text())
        self.graph, self.model = Path(job.graph), manifest["model"]["architecture"]
        names = [tensor["name"] for tensor in manifest["inputs"] + manifest["targets"]]
        if len(names) != 2:
            raise Failure("job", f"this loop trains on one input and one target, and {self.model} has {names}")
        if job.config["device"] != "cpu":
            raise Failure("device", f"this loop trains on the processor, and not on {job.config['device']}")
        for name in ("intra_op", "inter_op", "shuffle"):
            if job.config.get(name):
                raise Failure("job", f"this loop has no setting {name}: leave it out")
        with np.load(job.examples) as arrays:
            self.x, self.y = (arrays[name] for name in names)
            lengths = arrays.get(f"{names[0]}.lengths")
        self.sequences = lengths is not None
        if self.sequences:
            self.x = np.split(self.x, np.cumsum(lengths)[:-1])
        self.batch = min(job.config["batch"] or self.samples, self.samples)

    @property
    def samples(self):
        """Number of examples."""
        return len(self.y)

    @property
    def steps(self):
        """Number of batches of an epoch."""
        return -(-self.samples // self.batch)

    def batches(self):
        """Yield (x, y) of each batch, sliced from the examples and, where they are sequences, padded."""
        for start in range(0, self.samples, self.batch):
            rows = self.x[start : start + self.batch]
            yield pad(rows) if self.sequences else rows, self.y[start : start + self.batch]


def weights(path):
    """Return start weights as pygen.peers.weights wrote them, in Keras's own order."""
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def pad(rows):
    """Return sequences as one array, filled up with 0 to the longest."""
    padded = np.zeros((len(rows), max(map(len, rows))), rows[0].dtype)
    for line, row in zip(padded, rows, strict=True):
        line[: len(row)] = row
    return padded


def weighted(losses, sizes):
    """Return the mean of step losses weighted by their examples."""
    return float(np.average([float(loss) for loss in losses], weights=sizes))
