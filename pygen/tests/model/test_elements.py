"""Which batches of a pipeline a step is fed, and how others are refused."""

import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.model import elements

X = tf.TensorSpec((None, 4), tf.float32)
Y = tf.TensorSpec((None,), tf.int64)


@pytest.mark.parametrize(
    ("spec", "names", "inputs"),
    [
        (X, ["x"], ["x"]),
        ((X, Y), ["x", "y"], ["x"]),
        ((X, Y, Y), ["x", "y", "sample_weight"], ["x"]),
        (({"image": X, "size": Y}, Y), ["image", "size", "y"], ["image", "size"]),
        (((X, Y), Y), ["x_0", "x_1", "y"], ["x_0", "x_1"]),
    ],
    ids=["x alone", "x and y", "weights", "named inputs", "two inputs"],
)
def test_components_have_names(spec, names, inputs):
    layout, specs = elements.read(spec, None, ())
    assert list(specs) == names == layout.names
    assert layout.inputs == inputs


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ((tf.TensorSpec((), tf.float32), Y), r"x of single examples: give it \.batch"),
        ((tf.RaggedTensorSpec((None, None), tf.int32), Y), r"x a ragged tensor.*to_tensor\(\)"),
        ((X, tf.SparseTensorSpec((None, 4), tf.float32)), r"y a sparse tensor.*to_dense\(\)"),
        ((X, Y, Y, Y), "4 parts"),
    ],
    ids=["not batched", "ragged", "sparse", "four parts"],
)
def test_others_are_refused_by_name(spec, told):
    with pytest.raises(ExportError, match=told):
        elements.read(spec, None, ())
