"""Examples that a model's author gives: what data(n, seed) returned, or what a script's fit(...) was called with."""

import hashlib
from pathlib import Path

import numpy as np

from pygen.errors import ExportError
from pygen.examples.source import free_time
from pygen.model.columns import Layout, name_leaves
from pygen.training import parity

FILE = "data.npz"


class Given:
    """Examples in memory, by name of the input or target they feed; saved with the graph."""

    def __init__(self, columns, batch=None):
        """Take {name: array, or list of sequences}, as `read` returns them, and the author's batch size."""
        self.columns = columns
        self.batch = batch
        self.sha256 = ""

    def categories(self, column):
        """Return None: what an author gives is not counted."""
        return None

    def lengths(self, column):
        """Return (shortest, typical, longest) sequence, or None for a column of one shape."""
        values = self.columns[column]
        if not isinstance(values, list):
            return None
        lengths = [len(row) for row in values]
        return min(lengths), round(sum(lengths) / len(lengths)), max(lengths)

    def preprocess(self, entries):
        """Return the manifest's preprocess list: sequences of different length are padded with 0."""
        ragged = [entry["name"] for entry in entries if isinstance(self.columns[entry["name"]], list)]
        return [{"op": "pad", "input": name, "value": 0} for name in ragged]

    def defaults(self, settings):
        """Return (samples, batch) of a run."""
        return self.available(), self.batch or settings.batch

    def available(self):
        """Return the number of examples."""
        return len(next(iter(self.columns.values())))

    def draw(self, count, entries, vary):
        """Return the first `count` examples, from the first again where those are too few."""
        indices = [i % self.available() for i in range(count)]
        return {e["name"]: _rows(self.columns[e["name"]], indices, e) for e in entries}

    def save(self, folder):
        """Write the examples to the graph's folder."""
        path = Path(folder) / FILE
        parity.write(path, self.columns)
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    def to_json(self, folder, entries):
        """Return the manifest's "data"."""
        columns = {entry["name"]: entry["name"] for entry in entries}
        return {"kind": "file", "path": FILE, "sha256": self.sha256, "columns": columns}


def _rows(values, indices, entry):
    if isinstance(values, list):
        return [values[i] for i in indices]
    shape = values.shape[1:] if None in entry["shape"][1:] else entry["shape"][1:]
    return values[indices].reshape(len(indices), *shape)


def read(returned, inputs, output_names):
    """Return (layout, {name: values}) of what an author's function returned: x, (x, y) or (x, y, sample_weight).

    `inputs` is the nest of the model's own inputs, None for a model that does not say. Raises ExportError.
    """
    parts = returned if isinstance(returned, tuple) else (returned,)
    if not 1 <= len(parts) <= 3:
        raise ExportError(f"data(n, seed) returns {len(parts)} things, and not x, (x, y) or (x, y, sample_weight)")
    nests, columns = [], {}
    singles = ("x", "y", "sample_weight")
    for number, (single, nest) in enumerate(zip(singles, parts, strict=False)):
        if nest is None:
            nests.append(None)
            continue
        names = _names(nest, inputs) if number == 0 else output_names if number == 1 and len(output_names) > 1 else ()
        nest, leaves = name_leaves(_arrays(nest, _expected(number, inputs, output_names)), single, names, taken=columns)
        nests.append(nest)
        columns |= {name: values.value for name, values in leaves.items()}
    counts = {name: len(values) for name, values in columns.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise ExportError(f"data(n, seed) returns different numbers of examples: {told}")
    if not all(counts.values()):
        raise ExportError("data(n, seed) returns no examples")
    for name, values in columns.items():
        _check(name, values)
    return Layout(*nests), columns


def _names(nest, inputs):
    from pygen.model.derive import _own_names

    return _own_names(inputs) if inputs is not None else ()


def _expected(number, inputs, output_names):
    """Return how many arrays a model takes as x (0) or as y and sample_weight, None where it does not say."""
    from pygen.model.derive import outputs_of

    if number == 0:
        return None if inputs is None else len(outputs_of(inputs))
    return len(output_names) or None


class _Leaf:
    """Keeps an array, or a list of sequences, whole while its nest is walked."""

    def __init__(self, value):
        self.value = value


def _arrays(nest, expected):
    """Return the nest with each array, tensor or list of examples as one leaf.

    A list of arrays is as many inputs where the model expects so many, and otherwise sequences, an example each.
    """
    if isinstance(nest, dict):
        return {key: _arrays(value, 1) for key, value in nest.items()}
    several = isinstance(nest, tuple) or (isinstance(nest, list) and _several(nest, expected))
    return type(nest)(_arrays(value, 1) for value in nest) if several else _Leaf(_values(nest))


def _several(values, expected):
    if not all(_is_array(value) for value in values):
        return False
    if expected is None:
        return len(values) < 10 and len({len(value) for value in values}) == 1
    return len(values) == expected > 1


def _is_array(value):
    return hasattr(value, "shape") and hasattr(value, "dtype") and len(value.shape) > 0 and len(value) != 0


def _values(leaf):
    """Return an array with one row an example, or a list of 1-D or wider arrays for sequences of different length."""
    if hasattr(leaf, "to_list"):  # a RaggedTensor
        leaf = leaf.to_list()
    if isinstance(leaf, list):
        try:
            array = np.array(leaf)
        except ValueError:
            return [_plain(np.asarray(row)) for row in leaf]
        return _plain(array)
    array = np.asarray(leaf)
    if array.dtype == object and array.ndim == 1 and not isinstance(array[0], str | bytes):
        return [_plain(np.asarray(row)) for row in array]
    return _plain(array)


def _plain(array):
    """Return the array in a type that a graph is fed: floats as float32, as Keras does, and texts as bytes."""
    if array.dtype.kind in "OU" and all(isinstance(value, str | bytes) for value in array.ravel()):
        texts = [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
        return np.array(texts, dtype="S").reshape(array.shape)
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array


def _check(name, values):
    for array in values if isinstance(values, list) else [values]:
        if array.dtype.kind not in "iufbS":
            raise ExportError(f"data(n, seed) returns {name} as {array.dtype}, which is no number, truth value or text")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ExportError(f"data(n, seed) returns {name} with a value that is no finite float32")


def spec(name, values, tensor=None):
    """Return (dtype, shape of one example) of given values, None for a free length.

    `tensor` is the model's own input, whose type is taken where values of the given type can feed it, and whose free
    dimensions stay free.
    """
    first = values[0] if isinstance(values, list) else values
    dtype = "string" if first.dtype.kind == "S" else str(first.dtype)
    shape = (None, *first.shape[1:]) if isinstance(values, list) else first.shape[1:]
    if tensor is None:
        return dtype, shape
    wanted, own = str(tensor.dtype), tuple(tensor.shape[1:])
    if len(own) != len(shape):  # Keras adds or takes away a last dimension of 1
        shape = own if None not in own else shape
    else:
        shape = tuple(None if a is None else b for a, b in zip(own, shape, strict=True))
    if wanted.startswith(("int", "uint")) and first.dtype.kind == "f" or "string" in (wanted, dtype):
        return dtype, shape
    return wanted, shape


def is_free(entries):
    """Tell whether any of the manifest's entries has sequences of free length."""
    return any(free_time(entry) for entry in entries)
