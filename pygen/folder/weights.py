"""The Keras weights file of a model without its values, so that a trained graph can fill them in without HDF5.

Keras writes each variable to `.weights.h5` as contiguous bytes. The graph folder has that file, compressed, with zeros
in place of the variables, and a list of their data sets, offsets and of the tensors of the SavedModel that read them.
"""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "weights.h5.gz"
INDEX = "weights.json"
REST = "epochtime"  # the group of variables that Keras does not save; Keras leaves it alone when it loads the file

_SAVED = "emptied.weights.h5"  # Keras demands this ending


@dataclass(frozen=True)
class _Found:
    """A variable in the saved file: where it is there, its name, the raw variable, its value at the start."""

    offset: int
    dataset: str
    path: str
    raw: object
    value: np.ndarray


def describe(model, folder, functions=()):
    """Write weights.h5.gz and weights.json to `folder`, which has the SavedModel of the compiled Keras `model`.

    `functions` are those that `step.save` returned. What they change and Keras does not save, such as the random state
    of Dropout, is in a group of its own, so that training can go on from the file.
    Returns the "weights" of the manifest, or None for a model whose weights Keras cannot save, or does not save as its
    variables. The variables of the model do not change. Raises OSError.
    """
    folder = Path(folder)
    saved = folder / _SAVED
    variables = _Marked(model)
    try:
        with variables:
            try:
                model.save_weights(saved)
            except OSError:
                raise
            except Exception:  # it runs code of the author's layers
                return None
        found = _find(saved, variables)
        if found is None:
            return None
        tensors = _tensors(model, folder, functions)
        _write(saved, folder, found + _append_rest(saved, model, functions, found, tensors), tensors)
    finally:
        saved.unlink(missing_ok=True)
    return {"file": FILE, "index": INDEX}


class _Marked:
    """A context within which each variable of a model has a value that identifies it.

    Variables of one type and shape are numbered from 1, and the value is made of the number.
    """

    def __init__(self, model):
        from pygen.training import step

        found = step.variables(model)
        for metric in model.metrics:
            found += metric.variables
        unique = {id(variable): variable for variable in found if variable.dtype != "string"}
        self.variables = list(unique.values())
        self.values = [np.asarray(variable) for variable in self.variables]
        self.groups = {}
        for k, value in enumerate(self.values):
            self.groups.setdefault((value.dtype.name, value.shape), []).append(k)

    def __enter__(self):
        for (dtype, shape), members in self.groups.items():
            for number, k in enumerate(members, 1):
                self.variables[k].assign(_mark(number, dtype, shape))

    def __exit__(self, *_):
        for variable, value in zip(self.variables, self.values, strict=True):
            variable.assign(value)

    def find(self, array):
        """Return the index of the variable that this value identifies, or None; None too if its type has too few."""
        dtype, shape = array.dtype.name, array.shape
        group = self.groups.get((dtype, shape), [])
        number, last = _number(array), _number(_mark(len(group), dtype, shape))
        if last != len(group) or not 0 < number <= last or not np.array_equal(array, _mark(number, dtype, shape)):
            return None
        return group[number - 1]


# Integers below these are exact in any type; a bool has two values.
_BASE, _BOOL_BASE, _DIGITS = 100, 2, 16
_WIDE = {"float32", "float64", "int32", "int64", "uint32", "uint64"}


def _mark(number, dtype, shape):
    if dtype in _WIDE:
        return np.full(shape, number, dtype)
    base = _BOOL_BASE if dtype == "bool" else _BASE
    digits = [number // base**i % base for i in range(_DIGITS)]
    return np.resize(np.array(digits), shape).astype(_numpy_type(dtype))


def _number(array):
    if array.size == 0:
        return 0
    flat = array.reshape(-1)[:_DIGITS].astype(np.float64)
    if array.dtype.name in _WIDE:
        return int(flat[0])
    base = _BOOL_BASE if array.dtype.name == "bool" else _BASE
    return sum(int(digit) * base**i for i, digit in enumerate(flat))


def _numpy_type(name):
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, name, None) or name)


def _find(path, variables):
    """Return a list of _Found, or None.

    It is None if a data set of the file identifies no variable, is compressed or is not contiguous.
    """
    import h5py

    found = []
    with h5py.File(path, "r") as file:
        datasets = []
        file.visititems(lambda _, item: datasets.append(item) if isinstance(item, h5py.Dataset) else None)
        for dataset in datasets:
            if dataset.size == 0:
                continue
            k = variables.find(_values(dataset))
            offset = dataset.id.get_offset()
            if k is None or offset is None or dataset.id.get_storage_size() != variables.values[k].nbytes:
                return None
            variable = variables.variables[k]
            found.append(_Found(offset, dataset.name.lstrip("/"), variable.path, variable.value, variables.values[k]))
    return found


def _append_rest(path, model, functions, found, tensors):
    """Append the variables to the saved file that the step changes and Keras has not saved there; return them.

    Metrics are left out: they only count.
    """
    import h5py

    from pygen.training import step

    known = {id(entry.raw) for entry in found} | {id(v.value) for metric in model.metrics for v in metric.variables}
    rest = [v for v in step.tracked(model, functions) if id(v) in tensors and id(v) not in known]
    appended = []
    with h5py.File(path, "r+") as file:
        for number, variable in enumerate(rest):
            value = variable.numpy()
            name = f"{REST}/vars/{number}"
            native = value.dtype.kind in "biuf"
            dataset = file.create_dataset(name, data=value if native else value.view(f"V{value.itemsize}"))
            appended.append(_Found(dataset.id.get_offset(), name, variable.name.split(":")[0], variable, value))
    return appended


def _values(dataset):
    values = dataset[()]
    if "dtype" in dataset.attrs:  # how Keras writes types that HDF5 lacks
        values = values.view(_numpy_type(dataset.attrs["dtype"]))
    return np.asarray(values)


def _write(saved, folder, found, tensors):
    """Write both files. A variable that the graph does not train keeps its value in the file, and has no tensor."""
    index = []
    # Without name and time, so that the same model gives the same bytes. Most of it is zeros.
    with (
        open(saved, "rb") as file,
        open(folder / FILE, "wb") as out,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=out, mtime=0) as packed,
    ):
        for entry in sorted(found, key=lambda entry: entry.offset):
            packed.write(file.read(entry.offset - file.tell()))
            tensor = tensors.get(id(entry.raw))
            packed.write(bytes(entry.value.nbytes) if tensor else entry.value.tobytes())
            file.seek(entry.value.nbytes, os.SEEK_CUR)
            index.append(_describe(entry) | ({"tensor": tensor} if tensor else {}))
        packed.write(file.read())
    (folder / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _describe(entry):
    return {
        "path": entry.path,
        "dataset": entry.dataset,
        "dtype": entry.value.dtype.name,
        "shape": list(entry.value.shape),
        "offset": entry.offset,
        "bytes": entry.value.nbytes,
    }


def _tensors(model, folder, functions):
    """Return {id of a raw variable of `model` and `functions`: name of the tensor of the SavedModel that reads it}."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    from pygen.training import step

    saved = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0]
    readers = {node.input[0]: f"{node.name}:0" for node in saved.graph_def.node if node.op == "ReadVariableOp"}
    known = handles(saved)
    tensors = {}
    for place, variable in enumerate(step.tracked(model, functions)):
        handle = known.get(f"tracked/{place}/.ATTRIBUTES/VARIABLE_VALUE")
        if handle in readers:
            tensors[id(variable)] = readers[handle]
    return tensors


def handles(saved):
    """Return {name in the checkpoint: node of the variable}, read from the restore function of the SavedModel."""
    nodes = {node.name: node for node in saved.graph_def.node}
    restore = nodes[saved.saver_def.restore_op_name]
    library = {function.signature.name: function for function in saved.graph_def.library.function}
    function = library[restore.attr["f"].func.name]
    arguments = {arg.name: node for arg, node in zip(function.signature.input_arg, restore.input, strict=True)}
    inside = {node.name: node for node in function.node_def}
    names = inside["RestoreV2/tensor_names"].attr["value"].tensor.string_val
    handles = {}
    for node in function.node_def:
        if node.op == "AssignVariableOp":
            restored = inside[node.input[1].split(":")[0]].input[0]  # RestoreV2:tensors:3, through an Identity
            handles[names[int(restored.split(":")[2])].decode()] = arguments[node.input[0]]
    return handles
