"""Arrays of numbers one after another in a file, from which a launch feeds a pipeline without a copy."""

import hashlib
from pathlib import Path

import numpy as np

ALIGNMENT = 64


class Writer:
    """Writes arrays to a file, each at a multiple of 64 bytes, and describes them as the manifest does."""

    def __init__(self, path):
        """Make the file at `path`. Raises OSError."""
        self.path, self.described, self._digest = Path(path), [], hashlib.sha256()
        self._file, self._size = open(path, "wb"), 0  # noqa: SIM115, closed by close

    def add(self, name, array):
        """Write a whole array of numbers."""
        array = np.ascontiguousarray(array)
        self.begin(name, array.dtype.name)
        self.more(array)
        self.end(array.shape)

    def begin(self, name, dtype):
        """Begin an array of which the parts come one after the other."""
        self._write(b"\0" * (-self._size % ALIGNMENT))
        self.described.append({"name": name, "dtype": dtype, "shape": None, "offset": self._size, "bytes": 0})

    def more(self, array):
        """Write a part of the array that was begun last."""
        self._write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)

    def end(self, shape):
        """End the array that was begun last, of this shape."""
        entry = self.described[-1]
        entry["shape"], entry["bytes"] = [int(n) for n in shape], self._size - entry["offset"]

    def close(self):
        """Close the file and return its "sha256"."""
        self._file.close()
        return self._digest.hexdigest()

    def _write(self, content):
        self._file.write(content)
        self._digest.update(content)
        self._size += len(content)


def read(folder, described):
    """Return {name: array} of the part of a manifest that `Writer` described, mapped from its file."""
    found = {}
    for entry in described.get("arrays", ()):
        shape, dtype = tuple(entry["shape"]), np.dtype(entry["dtype"])
        if 0 in shape:
            found[entry["name"]] = np.zeros(shape, dtype)
            continue
        path = Path(folder) / described["file"]
        found[entry["name"]] = np.memmap(path, dtype, "r", offset=entry["offset"], shape=shape)
    return found
