"""Which files a script reads: a graph that was exported from it is as old as they are.

Python tells of what it opens itself. TensorFlow and HDF5 open files in native code; what is called with a name is seen
here, and what a graph opens while it runs (`tf.io.read_file` inside a `map`) is not.
"""

import contextlib
import hashlib
import os
import sys
from unittest import mock

from pygen.author import audit, faults
from pygen.examples.stamp import stamp

HASHED = 64 << 20  # bytes: a larger file is known by its size and time
HASHED_IN_ALL = 1 << 30  # bytes

_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_IMPORTING = "<frozen importlib"


class Opened:
    """The files and folders that were opened while it was told of them."""

    def __init__(self, own=lambda: False):
        """Take a function that reports whether what runs is this exporter's own code, whose files do not count."""
        self._own = own
        self._read, self._listed, self._written, self._made = {}, {}, set(), set()

    def read(self, path):
        """Note that a file is read, if `path` is the name of one."""
        if not self._own() and (path := _absolute(path)):
            self._read[path] = None

    def wrote(self, path):
        """Note that a file is made or changed, if `path` is the name of one."""
        if path := _absolute(path):
            self._written.add(path)

    def made(self, path):
        """Note that a folder is made, with all that will be in it, if `path` is the name of one."""
        if path := _absolute(path):
            self._made.add(path)

    def listed(self, path):
        """Note that the names in a folder are read, if `path` is the name of one."""
        if not self._own() and (path := _absolute("." if path is None else path)):
            self._listed[path] = None

    def sources(self):
        """Return what the script read and did not write, as it is now, sorted by path.

        A file is {"path", "sha256"}, one of more than 64 MiB, or after 1 GiB of them, {"path", "bytes", "modified"}.
        A folder is {"path", "listing"}: the hash of its sorted names, each with a line's end. What is gone is left out.
        """
        read = {*filter(self._counts, self._read), *faults.sources()}
        found, left = [], HASHED_IN_ALL
        for path in sorted(read):
            with contextlib.suppress(OSError):
                size = os.stat(path).st_size
                hashed = size <= min(HASHED, left)
                left -= size if hashed else 0
                if os.path.isfile(path):
                    found.append({"path": path} | (_content(path) if hashed else stamp(path)))
        for path in filter(self._counts, self._listed):
            with contextlib.suppress(OSError):
                found.append({"path": path, "listing": _listing(path)})
        return sorted(found, key=lambda source: source["path"])

    def _counts(self, path):
        if path in self._written | self._made or path.endswith(".pyc") or f"{path}/".startswith(_SYSTEM):
            return False
        return not faults.is_installed(path) and not any(path.startswith(f"{made}/") for made in self._made)

    def hear(self, event, arguments):
        """Take an audit event of Python."""
        if event == "open":
            path, mode, flags = arguments
            writes = flags & _WRITES if isinstance(flags, int) else mode and not mode.startswith("r")
            (self.wrote if writes else self.read)(path)
        elif event in ("os.listdir", "os.scandir") and not _is_import():
            self.listed(arguments[0])
        elif event == "os.mkdir" and not os.path.isdir(arguments[0]):  # of one that exists, too, Python tells
            self.made(arguments[0])
        elif event == "os.rename":
            (self.made if os.path.isdir(arguments[0]) else self.wrote)(arguments[1])


def _absolute(path):
    """Return an absolute path, or None for what is no name."""
    if isinstance(path, int) or not isinstance(path, str | bytes | os.PathLike):
        return None
    path = os.fsdecode(path)
    return None if "\0" in path or "://" in path else os.path.abspath(path)


def _is_import():
    """Report whether Python itself lists a folder, to find a module in it."""
    frame = sys._getframe(3)  # of the call: below are this, `hear` and the hook
    return frame.f_code.co_filename.startswith(_IMPORTING)


def _content(path):
    with open(path, "rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _listing(path):
    names = b"".join(name + b"\n" for name in sorted(os.listdir(os.fsencode(path))))
    return hashlib.sha256(names).hexdigest()


@contextlib.contextmanager
def watching(own=lambda: False):
    """Within it, the files that are opened are noted in the `Opened` that it gives. `own` is as for `Opened`."""
    found = Opened(own)
    with contextlib.ExitStack() as stack:
        for owner, name, note in _native(found):
            stack.enter_context(mock.patch.object(owner, name, audit.noting(getattr(owner, name), note)))
        stack.enter_context(audit.listening(found.hear))
        yield found


def _native(found):
    """Return (owner, name, what notes a call) of functions that open files in native code."""
    import h5py
    from tensorflow.python.data.ops import readers
    from tensorflow.python.lib.io import file_io
    from tensorflow.python.ops import gen_io_ops

    def stream(_, name, mode="r", *__, **___):
        (found.read if str(mode).startswith("r") and "+" not in str(mode) else found.wrote)(name)

    def hdf5(_, name, mode="r", *__, **___):
        (found.read if mode == "r" else found.wrote)(name)

    def named(filenames, *_, **__):
        for name in _names(filenames):
            found.read(name)

    def pattern(pattern, *_, **__):
        for name in _names(pattern):
            found.listed(os.path.dirname(name) or ".")

    def folder(path, *_, **__):
        found.listed(path)

    return [
        (file_io.FileIO, "__init__", stream),
        (h5py.File, "__init__", hdf5),
        (gen_io_ops, "read_file", named),
        (gen_io_ops, "matching_files", pattern),
        (readers, "_create_or_validate_filenames_dataset", named),
        (file_io, "list_directory_v2", folder),
    ]


def _names(value):
    """Return the names that an argument has: text, a list or tensor of text; none for what only a graph knows."""
    if isinstance(value, list | tuple):
        return [name for each in value for name in _names(each)]
    if hasattr(value, "numpy"):
        value = value.numpy()
        return [os.fsdecode(name) for name in getattr(value, "ravel", lambda: [value])() if isinstance(name, bytes)]
    return [os.fsdecode(value)] if isinstance(value, str | bytes | os.PathLike) else []
