"""Makes the files of this folder, with what h5py itself finds in each: run it in the folder."""

import json
from pathlib import Path

import h5py
import ml_dtypes
import numpy as np


def write(name, fill, **options):
    """Write NAME.h5 by fill(file), and NAME.json with its datasets."""
    with h5py.File(f"{name}.h5", "w", **options) as file:
        fill(file)
    found = []
    with h5py.File(f"{name}.h5", "r") as file:
        file.visititems(lambda path, item: found.append((path, item)) if isinstance(item, h5py.Dataset) else None)
        found = [describe(path, item) for path, item in sorted(found, key=lambda pair: pair[0])]
    Path(f"{name}.json").write_text(json.dumps(found) + "\n")


def describe(name, dataset):
    """Return what Go calls a Dataset."""
    kind = dataset.id.get_type()
    empty = dataset.size == 0
    return {
        "Name": name,
        "Class": kind.get_class(),
        "Signed": isinstance(kind, h5py.h5t.TypeIntegerID) and kind.get_sign() == h5py.h5t.SGN_2,
        "BigEndian": hasattr(kind, "get_order") and kind.get_order() == h5py.h5t.ORDER_BE,
        "Size": kind.get_size(),
        "Shape": list(dataset.shape),
        "Offset": 0 if empty else dataset.id.get_offset(),
        "Bytes": dataset.size * kind.get_size(),
    }


def types(file):
    """One dataset of each type, and shapes of 0 to 3 dimensions, in groups with attributes as Keras writes them."""
    for number, dtype in enumerate(["f2", "f4", "f8", "i1", "i4", "i8", "u1", "u4", "u8", "?", ">f4", ">i4"]):
        group = file.create_group(f"layers/dense_{number}/vars")
        group.attrs["name"] = f"a layer with a name so long that attributes go on in another block {number}" * 3
        group.attrs["more"] = np.arange(number)
        group.create_dataset("0", data=np.ones((number + 1, 2), dtype))
        group.create_dataset("1", data=np.array(number, dtype))
    half = file.create_dataset("bfloat16/vars/0", data=np.ones(3, ml_dtypes.bfloat16).view("V2"))
    half.attrs["dtype"] = "bfloat16"
    file.create_dataset("none", data=np.zeros((0, 4), "f4"))


def many(file):
    """So many members that the tree of a group has levels."""
    for number in range(300):
        file.create_dataset(f"optimizer/vars/{number}", data=np.full((), number, "f4"))


write("small", lambda file: file.create_dataset("layers/dense/vars/0", data=np.ones(2, "f4")))
write("types", types)
write("many", many)
write("chunked", lambda file: file.create_dataset("a", data=np.zeros((8, 8)), chunks=(2, 2)))
write("compact-new", lambda file: file.create_dataset("a", data=np.zeros(3)), libver="latest")
