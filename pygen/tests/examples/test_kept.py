"""Batches that Python made come back from the file as they were, of any shapes."""

import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.examples import arrays, kept

SPECS = {
    "x": tf.TensorSpec((None, None), tf.int32),
    "text": tf.TensorSpec((None,), tf.string),
    "y": tf.TensorSpec((None, 1), tf.float64),
}


def batch(rows, columns):
    text = np.array([f"row {i} of {rows}".encode() for i in range(rows)], object)
    return [np.arange(rows * columns, dtype=np.int32).reshape(rows, columns), text, np.full((rows, 1), rows / 3)]


def test_batches_come_back(tmp_path):
    batches = [batch(3, 4), batch(3, 7), batch(1, 0)]
    content = kept.Kept(SPECS, tmp_path)
    for each in batches:
        content.add(each)
    writer = arrays.Writer(tmp_path / "pipeline.bin")
    content.write(writer)
    writer.close()
    fed = arrays.read(tmp_path, {"file": "pipeline.bin", "arrays": writer.described})
    specs = content.array_specs()
    assert {name: (list(a.shape), a.dtype.name) for name, a in fed.items()} == {
        name: (spec.shape.as_list(), spec.dtype.name) for name, spec in specs.items()
    }
    dataset = tf.data.experimental.from_variant(
        content.build({name: tf.constant(array) for name, array in fed.items()}), tuple(SPECS.values())
    )
    for made, wanted in zip(dataset.as_numpy_iterator(), batches, strict=True):
        for a, b in zip(made, wanted, strict=True):
            np.testing.assert_array_equal(a, b)


def test_too_much_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST_TEXT", 30)
    content = kept.Kept(SPECS, tmp_path)
    content.add(batch(2, 1))
    with pytest.raises(ExportError, match="texts of its batches"):
        content.add(batch(2, 1))
