"""Batches are drawn with their shapes, and as many as an epoch has."""

import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.examples import drawn


def lengths(*sizes):
    """A data set of batches of these (rows, columns)."""

    def make():
        for rows, columns in sizes:
            yield np.full((rows, columns), rows, np.float32), np.arange(rows)

    signature = tf.TensorSpec((None, None), tf.float32), tf.TensorSpec((None,), tf.int64)
    return tf.data.Dataset.from_generator(make, output_signature=signature)


def test_shapes_are_counted_in_their_order():
    found = drawn.draw(lengths((4, 3), (4, 5), (4, 3), (2, 3)), ["x", "y"], None)
    assert found.describe() == {
        "steps": 4,
        "examples": 14,
        "whole": True,
        "shapes": [
            {"steps": 2, "components": {"x": [4, 3], "y": [4]}},
            {"steps": 1, "components": {"x": [4, 5], "y": [4]}},
            {"steps": 1, "components": {"x": [2, 3], "y": [2]}},
        ],
    }


def test_an_epoch_of_so_many_steps():
    endless = tf.data.Dataset.from_tensor_slices(np.zeros((6, 2), "float32")).repeat().batch(4)
    found = drawn.draw(endless, ["x"], 25)
    assert (found.steps, found.examples, found.whole, len(found.first)) == (25, 100, True, drawn.FIRST)


def test_drawing_ends_in_time():
    endless = tf.data.Dataset.from_tensor_slices(np.zeros((6, 2), "float32")).repeat().batch(4)
    found = drawn.draw(endless, ["x"], None, seconds=1e-9)
    assert found.steps == 1 and not found.whole
    assert "whole" not in found.describe()


def test_same_batches_are_told_from_others():
    one = [{"x": np.array([1.0, np.nan])}, {"x": np.array([b"a", b"b"], object)}]
    assert drawn.same(one, [{key: value.copy() for key, value in batch.items()} for batch in one])
    assert not drawn.same(one, one[:1])
    assert not drawn.same(one, [one[0], {"x": np.array([b"a", b"c"], object)}])
    assert not drawn.same(one, [{"x": np.array([1.0, 2.0])}, one[1]])


def test_a_failure_names_the_batch_and_the_reason(tmp_path):
    files = [str(tmp_path / "here"), str(tmp_path / "gone")]
    (tmp_path / "here").write_text("one")
    data = tf.data.Dataset.from_tensor_slices(files).map(tf.io.read_file).batch(1)
    with pytest.raises(ExportError, match=r"at batch 1, counted from 0: .*gone; No such file") as failed:
        drawn.draw(data, ["x"], None)
    assert "{{" not in str(failed.value)
    made = tf.data.Dataset.from_generator(lambda: (1 / (3 - i) for i in range(5)), output_types=tf.float32).batch(2)
    with pytest.raises(ExportError, match=r"at batch 1, .*ZeroDivisionError: (float )?division by zero"):
        drawn.draw(made, ["x"], None)
