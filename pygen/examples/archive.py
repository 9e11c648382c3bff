"""Raw examples in an .npz file, as docs/graph-format.md describes it."""

import numpy as np


def write(path, columns):
    """Write {name: column}: an array as it is, a list of sequences end to end with NAME.lengths beside it.

    Raises OSError.
    """
    arrays = {}
    for name, column in columns.items():
        if isinstance(column, list):
            arrays[name] = np.concatenate(column)
            arrays[f"{name}.lengths"] = np.array([len(row) for row in column], np.int64)
        else:
            arrays[name] = np.ascontiguousarray(column)
    np.savez(path, **arrays)


def read(path):
    """Return {name: column} as `write` takes them. Raises OSError, ValueError, KeyError."""
    with np.load(path, allow_pickle=False) as arrays:
        columns = {name: arrays[name] for name in arrays.files}
    for name in [name for name in columns if f"{name}.lengths" in columns]:
        ends = np.cumsum(columns.pop(f"{name}.lengths"))
        columns[name] = np.split(columns[name], ends[:-1])
    return columns
