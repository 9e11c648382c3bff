"""Arrays of a pipeline's file come back as they were."""

import hashlib

import numpy as np

from pygen.examples import arrays


def test_arrays_come_back_from_the_file(tmp_path):
    random = np.random.default_rng(1)
    whole = {
        "odd": random.normal(size=(3, 5)).astype("float32"),
        "flags": np.array([True, False, True]),
        "scalar": np.array(7, np.int64),
        "empty": np.zeros((0, 4), np.float64),
        "columns": np.asfortranarray(random.integers(0, 255, (4, 3), dtype=np.uint8)),
    }
    writer = arrays.Writer(tmp_path / "data.bin")
    for name, array in whole.items():
        writer.add(name, array)
    writer.begin("parts", "int32")
    for part in range(3):
        writer.more(np.full((2, 2), part, np.int32))
    writer.end([6, 2])
    digest = writer.close()
    content = (tmp_path / "data.bin").read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()
    assert all(entry["offset"] % 64 == 0 for entry in writer.described)
    found = arrays.read(tmp_path, {"file": "data.bin", "arrays": writer.described})
    for name, array in whole.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    np.testing.assert_array_equal(found["parts"][:, 0], [0, 0, 1, 1, 2, 2])
