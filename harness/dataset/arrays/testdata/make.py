"""Make the .npy, .npz and idx files here, with NumPy itself."""

import gzip
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
TYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64"]
TYPES += ["uint8", "uint16", "uint32", "uint64", "bool"]


def save(name, array):
    """Write one .npy file."""
    np.save(FOLDER / name, array, allow_pickle=True)


values = np.array([[0, 1, 2], [100, 1, 0]])
every = {name: values.astype(name) for name in TYPES}
np.savez(FOLDER / "every.npz", **every)
np.savez_compressed(FOLDER / "compressed.npz", **every)
np.savez_compressed(
    FOLDER / "ragged.npz",
    **{"x": np.arange(12, dtype="int32").reshape(6, 2), "x.lengths": np.array([1, 3, 2]), "y": np.arange(3)},
)
save("fortran.npy", np.asfortranarray(values.astype("float32")))
save("big-endian.npy", values.astype(">f4"))
save("object.npy", np.array([1, "a"], dtype=object))
save("text.npy", np.array(["a", "bc"]))
save("complex.npy", values.astype("complex64"))
save("structured.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
save("scalar.npy", np.float32(1))
save("empty.npy", np.zeros((0, 3), "float32"))
save("vector.npy", np.arange(5, dtype="float64"))
with open(FOLDER / "version2.npy", "wb") as file:
    np.lib.format.write_array(file, values.astype("int16"), version=(2, 0))
with open(FOLDER / "version3.npy", "wb") as file:
    np.lib.format.write_array(file, values.astype("int16"), version=(3, 0))
# What mnist.npz of Keras is like, arrays of every kind that is not fed, and a value that is not finite.
pixels, labels = np.arange(24, dtype="uint8").reshape(6, 2, 2), np.array([0, 1, 2, 0, 1, 2], "uint8")
np.savez(FOLDER / "split.npz", x_train=pixels[:4], y_train=labels[:4], x_test=pixels[4:], y_test=labels[4:])
np.savez(
    FOLDER / "kinds.npz",
    x=np.asfortranarray(values.astype(">f8")),
    y=np.array(["1", "2"], ">U1"),
    pickled=np.array([1, "a"], dtype=object),
    waves=values.astype("complex64"),
    rows=np.zeros(2, dtype=[("a", "<i4"), ("b", "<f4")]),
    days=np.zeros(2, "datetime64[s]"),
    spans=np.zeros(2, "timedelta64[s]"),
    wide=np.zeros(2, "longdouble"),
    one=np.float32(1),
)
np.savez(FOLDER / "nan.npz", x=np.array([1, np.nan, np.inf, 3]), y=np.arange(4))
HEAD = {1: b"\0\0\x08\x01\0\0\0\x06", 3: b"\0\0\x08\x03\0\0\0\x06\0\0\0\x02\0\0\0\x02"}
(FOLDER / "train-images-idx3-ubyte").write_bytes(HEAD[3] + pixels.tobytes())
(FOLDER / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(HEAD[1] + labels.tobytes(), mtime=0))
