"""Examples that an author gives, matched to what the model takes: which array feeds which input or target."""

import numpy as np

from pygen.errors import ExportError
from pygen.examples import dense
from pygen.model.columns import Layout, name_leaves
from pygen.model.derive import outputs_of, own_names


def read(returned, inputs, output_names, giver):
    """Return (Layout, {name: values}) of what an author gives: x, (x, y) or (x, y, sample_weight).

    `giver` is what gives it, in words, as "fit(...) is given". `inputs` is the nest of the model's own inputs, None for
    a model that does not say; `output_names` are the names of its outputs. Raises ExportError.
    """
    parts = returned if isinstance(returned, tuple) else (returned,)
    if not 1 <= len(parts) <= 3:
        raise ExportError(f"{giver} {len(parts)} things, and not x, (x, y) or (x, y, sample_weight)")
    dense.check(parts, giver, ragged=True)
    nests, columns = [], {}
    singles = ("x", "y", "sample_weight")
    for number, (single, nest) in enumerate(zip(singles, parts, strict=False)):
        if nest is None:
            nests.append(None)
            continue
        names = ()
        if number == 0 and inputs is not None:
            names = own_names(inputs)
        elif number == 1 and len(output_names) > 1:
            names = output_names
        nest, leaves = name_leaves(_arrays(nest, _expected(number, inputs, output_names)), single, names, taken=columns)
        nests.append(nest)
        columns |= {name: values.value for name, values in leaves.items()}
    counts = {name: len(values) for name, values in columns.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise ExportError(f"{giver} different numbers of examples: {told}")
    if not all(counts.values()):
        raise ExportError(f"{giver} no examples")
    layout = Layout(*nests)
    for name, values in columns.items():
        _check(name, values, giver, missing=name in layout.targets)
    return layout, columns


def _expected(number, inputs, output_names):
    """Return how many arrays a model takes as x (number 0) or as y and sample_weight; None where it does not say."""
    if number == 0:
        return None if inputs is None else len(outputs_of(inputs))
    return len(output_names) or None


class _Leaf:
    """Keeps an array, or a list of sequences, whole while its nest is walked."""

    def __init__(self, value):
        self.value = value


def _arrays(nest, expected):
    """Return the nest with each array, tensor or list of examples as one leaf.

    A list of arrays is one array per input if the model takes that many inputs, else one sequence per example.
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
    """Return an array with one row per example, or for sequences of different lengths a list of arrays, one each."""
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
    """Return the array in a type that a graph can be fed: floats as float32, as Keras has them, texts as bytes."""
    if array.dtype.kind in "OU" and all(isinstance(value, str | bytes) for value in array.ravel()):
        texts = [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
        return np.array(texts, dtype="S").reshape(array.shape)
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array


def _check(name, values, giver, missing):
    """Raise ExportError for values that no graph is fed; a target or weight may be `missing`, which is NaN."""
    for array in values if isinstance(values, list) else [values]:
        if array.dtype.kind not in "iufbS":
            raise ExportError(f"{giver} {name} as {array.dtype}, which is no number, truth value or text")
        if array.dtype.kind == "f" and not (np.isfinite(array) | (missing & np.isnan(array))).all():
            raise ExportError(f"{giver} {name} with a value that is no finite float32")


def spec(name, values, tensor=None):
    """Return (dtype, shape of one example) of given values; a free length is None.

    `tensor` is the input of the model that they feed, if it has one. Its dtype is taken if the values can be converted
    to it, and its free dimensions stay free.
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


def target_rank(returned):
    """Return how many dimensions a given target has beside the batch, or None if none is given."""
    if isinstance(returned, tuple) and len(returned) > 1 and hasattr(returned[1], "shape"):
        return len(returned[1].shape) - 1
    return None
