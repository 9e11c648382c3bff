"""Examples that the author of a model gives: what data(n, seed) returns, or what a script's fit(...) is called with."""

import hashlib
from pathlib import Path

import numpy as np

from pygen.examples import archive

FILE = "data.npz"


class Given:
    """Examples in memory, by the name of the input or target that they feed. They are saved with the graph."""

    def __init__(self, columns, batch=None):
        """Take {name: array or list of sequences}, as `model.matching.read` returns it, and the author's batch size."""
        self.columns = columns
        self.batch = batch
        self.sha256 = ""

    def categories(self, column):
        """Return None: the values are not counted."""
        return None

    def lengths(self, column):
        """Return (shortest, typical, longest) sequence, or None for a column of one shape."""
        values = self.columns[column]
        if not isinstance(values, list):
            return None
        lengths = [len(row) for row in values]
        return min(lengths), round(sum(lengths) / len(lengths)), max(lengths)

    def preprocess(self, entries):
        """Return the "preprocess" of the manifest: sequences of different lengths are padded with 0."""
        ragged = [entry["name"] for entry in entries if isinstance(self.columns[entry["name"]], list)]
        return [{"op": "pad", "input": name, "value": 0} for name in ragged]

    def defaults(self, settings):
        """Return (samples, batch) of a run."""
        return self.available(), self.batch or settings.batch

    def available(self):
        """Return the number of examples."""
        return len(next(iter(self.columns.values())))

    def missing(self, column):
        """Return the index of the first example of a column that holds NaN, or None."""
        values = self.columns[column]
        if isinstance(values, list):
            return next((i for i, row in enumerate(values) if row.dtype.kind == "f" and np.isnan(row).any()), None)
        if values.dtype.kind != "f":
            return None
        holds = np.isnan(values.reshape(len(values), -1)).any(axis=1)
        return int(holds.argmax()) if holds.any() else None

    def draw(self, count, entries, vary):
        """Return {name: the first `count` examples}; if there are fewer, they begin again with the first.

        The last ones are examples with missing values, if none of those before has any.
        """
        indices = [i % self.available() for i in range(count)]
        missing = {self.missing(entry["name"]) for entry in entries} - {None}
        for place, index in enumerate(sorted(missing - set(indices))[:count]):
            indices[-1 - place] = index
        return {e["name"]: _rows(self.columns[e["name"]], indices, e) for e in entries}

    def save(self, folder):
        """Write the examples to the folder of the graph. Raises OSError."""
        path = Path(folder) / FILE
        archive.write(path, self.columns)
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    def to_json(self, folder, entries):
        """Return the "data" of the manifest."""
        columns = {entry["name"]: entry["name"] for entry in entries}
        return {"kind": "file", "path": FILE, "sha256": self.sha256, "columns": columns}


def _rows(values, indices, entry):
    if isinstance(values, list):
        return [values[i] for i in indices]
    shape = values.shape[1:] if None in entry["shape"][1:] else entry["shape"][1:]
    return values[indices].reshape(len(indices), *shape)
