"""Examples from an .npz file with the arrays x and y, checked before anything is built.

Sequences of different lengths are end to end in x, with their lengths in `x.lengths`.
"""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np

from pygen.errors import ExportError
from pygen.examples.source import check_unroll, free_time

INT32 = np.iinfo(np.int32)


class DataFile:
    """A checked data file, and how one built-in model reads it.

    A model whose build(...) has the parameter `vocabulary` reads x as sequences of tokens, any other as examples of one
    shape. A model with the parameter `classes` reads y as labels, any other as one number per example.
    """

    def __init__(self, path, model, module_parameters):
        """Read and check `path` for a model with these parameters of build(...), as inspect.signature gives them.

        Raises ExportError, whose message is one sentence that names the file.
        """
        self.path = Path(path)
        self.model = model
        self.sequences = "vocabulary" in module_parameters
        self.labelled = "classes" in module_parameters
        arrays = read(self.path)
        self.sha256 = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self.ragged = "x.lengths" in arrays
        self.x, self.y = arrays["x"], arrays["y"]
        if self.ragged:
            self.x = split(self.path, self.x, arrays["x.lengths"])
        self.count = len(self.x)
        if len(self.y) != self.count:
            raise ExportError(f"{self.path} holds {self.count} examples in x and {len(self.y)} in y")
        if self.count == 0:
            raise ExportError(f"{self.path} holds no examples")
        self._check_examples()
        self._check_labels()

    def _check_examples(self):
        if self.sequences:
            what = f"x of {self.path} must hold tokens for {self.model}"
            values = np.concatenate(self.x) if self.ragged else self.x
            if not self.ragged and (values.ndim != 2 or values.shape[1] == 0):
                raise ExportError(f"{what}: sequences of one length as a matrix, or x.lengths beside them")
            self.vocabulary = check_categories(what, values)
        elif self.ragged:
            raise ExportError(f"{self.path} holds sequences (x.lengths), which {self.model} does not take")
        elif self.x[0].size == 0:
            raise ExportError(f"x of {self.path} has the shape {self.x.shape}: its examples are empty")

    def _check_labels(self):
        if self.labelled:
            what = f"y of {self.path} must hold one label for each example"
            if self.y.ndim != 1:
                raise ExportError(f"{what}, and has the shape {self.y.shape}")
            self.classes = check_categories(what, self.y)
        elif self.y.size != self.count:
            raise ExportError(f"y of {self.path} must hold one number for each example, and has shape {self.y.shape}")

    def build_arguments(self, name, parameters, unroll):
        """Return the arguments of build(...) that suit the file. Raises ExportError, UsageError."""
        arguments = {}
        if unroll:
            check_unroll(name, parameters)
            arguments |= {"unroll": True, "length": self.lengths("x")[2]}
        if self.sequences:
            arguments["vocabulary"] = self.vocabulary
        else:
            arguments["input_shape"] = self._input_shape(len(parameters["input_shape"].default))
        if self.labelled:
            arguments["classes"] = self.classes
        return arguments

    def _input_shape(self, dimensions):
        shape = self.x.shape[1:]
        if len(shape) == dimensions - 1:
            shape = (*shape, 1)
        if len(shape) != dimensions:
            raise ExportError(
                f"{self.model} takes examples of {dimensions} dimensions, and those of {self.path} have {len(shape)}"
            )
        return shape

    def categories(self, column):
        """Return n if the values of the column are integers from 0 to n−1, else None."""
        if column == "y":
            return self.classes if self.labelled else None
        return self.vocabulary if self.sequences else None

    def lengths(self, column):
        """Return (shortest, typical, longest) sequence, or None for a column of one shape."""
        if column != "x" or not self.sequences:
            return None
        lengths = [len(row) for row in self.x]
        return min(lengths), round(sum(lengths) / len(lengths)), max(lengths)

    def preprocess(self, entries):
        """Return the "preprocess" of the manifest: sequences are padded, images of integers scaled to at most 1."""
        steps = []
        for entry in [entry for entry in entries if entry["name"] != "y"]:
            if self.ragged or free_time(entry):
                steps.append({"op": "pad", "input": entry["name"], "value": 0})
            elif not self.sequences and self.x.dtype.kind != "f":
                largest = max(abs(int(self.x.min())), abs(int(self.x.max())))
                if largest > 1:
                    steps.append({"op": "scale", "input": entry["name"], "factor": 1 / largest})
        return steps

    def defaults(self, settings):
        """Return (samples, batch) of a run: all examples, and the batch size that the model has for files, if any."""
        return self.count, settings.file_batch or settings.batch

    def available(self):
        """Return the number of examples."""
        return self.count

    def _distinct_first(self, count):
        """Return `count` indices: those of the first distinct examples, then of repeated ones if there are too few."""
        seen, repeated = {}, []
        for index, (x, y) in enumerate(zip(self.x, self.y, strict=True)):
            if len(seen) == count:
                break
            if seen.setdefault((x.tobytes(), y.tobytes()), index) != index:
                repeated.append(index)
        return [*seen.values(), *repeated][:count]

    def draw(self, count, entries, vary):
        """Return `count` examples of each entry as the file has them, in the shape of the entry, distinct ones first.

        Sequences are a list if their lengths differ. `vary` changes nothing: the lengths are those of the file.
        """
        indices = self._distinct_first(count)
        columns = {}
        for entry in entries:
            column = self.x if entry["name"] == "x" else self.y
            if isinstance(column, list):
                columns[entry["name"]] = [column[i] for i in indices]
            else:
                shape = column.shape[1:] if free_time(entry) else entry["shape"][1:]
                columns[entry["name"]] = column[indices].reshape(len(indices), *shape)
        return columns

    def to_json(self, folder, entries):
        """Return the "data" of the manifest, with the path relative to `folder`."""
        path = Path(os.path.relpath(self.path.resolve(), Path(folder).resolve())).as_posix()
        columns = {entry["name"]: entry["name"] for entry in entries}
        return {"kind": "file", "path": path, "sha256": self.sha256, "columns": columns}


def read(path):
    """Return {"x", "y" and, if the file has it, "x.lengths": array}. Raises ExportError."""
    try:
        file = np.load(path, allow_pickle=False)
        if isinstance(file, np.ndarray):
            raise ExportError(f"{path} is a single array, not an .npz file with the arrays x and y")
        with file:
            if missing := [name for name in ("x", "y") if name not in file.files]:
                raise ExportError(f"{path} has no array {' and no '.join(missing)}; it holds {_list(file.files)}")
            arrays = {name: _array(path, file, name) for name in ("x", "y", "x.lengths") if name in file.files}
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ExportError(f"{path} cannot be read: {error.strerror.lower()}") from error
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ExportError(f"{path} is not an .npz file, or is damaged") from error
    return arrays


def _array(path, file, name):
    try:
        array = file[name]
    except ValueError as error:
        raise ExportError(f"{name} of {path} cannot be read: {str(error).splitlines()[0]}") from error
    if array.dtype.kind not in "iuf" or array.dtype.name not in _DTYPES or not array.dtype.isnative:
        raise ExportError(
            f"{name} of {path} is of type {array.dtype}; convert it with .astype() to a plain number type"
        )
    if array.ndim == 0:
        raise ExportError(f"{name} of {path} is a single value, not an array of examples")
    if array.ndim > 1 and not array.flags.c_contiguous:
        raise ExportError(f"{name} of {path} is in Fortran order; save it with numpy.ascontiguousarray()")
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            finite = np.isfinite(array.astype(np.float32)).reshape(len(array), -1).all(axis=1)
        if not finite.all():
            raise ExportError(f"{name} of {path} holds a value that is no finite float32, at {int(finite.argmin())}")
    return array


_DTYPES = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)} | {"float32", "float64"}


def _list(names):
    return ", ".join(sorted(names)) or "nothing"


def split(path, values, lengths):
    """Return `values` cut into a list of sequences of these lengths. Raises ExportError."""
    if lengths.dtype != np.int64 or lengths.ndim != 1:
        raise ExportError(f"x.lengths of {path} must be a vector of int64, and is {lengths.dtype} {lengths.shape}")
    if values.ndim != 1:
        raise ExportError(f"x of {path} must hold its sequences end to end, and has the shape {values.shape}")
    if len(lengths) == 0:
        raise ExportError(f"{path} holds no examples")
    if lengths.min() < 1:
        raise ExportError(f"x.lengths of {path} holds {lengths.min()}, at {lengths.argmin()}; the shortest may be 1")
    if lengths.sum() != len(values):
        raise ExportError(f"x.lengths of {path} add up to {lengths.sum()}, and x holds {len(values)} values")
    return np.split(values, np.cumsum(lengths)[:-1])


def check_categories(what, values):
    """Return n, the largest value plus 1, of non-negative integers. Raises ExportError, which begins with `what`."""
    if values.dtype.kind == "f":
        raise ExportError(f"{what}: integers from 0, not {values.dtype}")
    if values.min() < 0:
        raise ExportError(f"{what}: integers from 0, not {values.min()}")
    if values.max() >= INT32.max:
        raise ExportError(f"{what}: integers that fit int32, not {values.max()}")
    return int(values.max()) + 1
