"""Sparse and ragged examples are refused by name, and never trained as something else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.examples import dense
from pygen.model import matching

SPARSE = tf.sparse.from_dense(np.eye(3, dtype="float32"))
RAGGED = tf.ragged.constant([[1, 2], [3], [4, 5, 6]])
LABELS = np.zeros(3)

# Stands for a matrix of SciPy, which the exporter does not need.
Matrix = type("csr_matrix", (), {"__module__": "scipy.sparse._csr"})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((SPARSE, LABELS), r"fit\(...\) is given x as a SparseTensor, .* tf.sparse.to_dense\(\)"),
        ((LABELS, {"a": SPARSE}), r"fit\(...\) is given y as a SparseTensor"),
        (([LABELS, Matrix()], LABELS, None), r"given x as a sparse matrix of SciPy \(csr_matrix\), .* toarray\(\)"),
        ((RAGGED, LABELS), r"fit\(...\) is given x as a RaggedTensor, .* to_tensor\(\)"),
    ],
)
def test_refused_by_name(parts, message):
    with pytest.raises(ExportError, match=message):
        dense.check(parts, "fit(...) is given", ragged=False)


def test_a_ragged_tensor_of_data_is_a_list_of_sequences():
    _, columns = matching.read((RAGGED, LABELS), None, (), "data(n, seed) returns")
    assert [row.tolist() for row in columns["x"]] == [[1, 2], [3], [4, 5, 6]]
    with pytest.raises(ExportError, match=r"data\(n, seed\) returns x as a SparseTensor"):
        matching.read((SPARSE, LABELS), None, (), "data(n, seed) returns")


@pytest.mark.parametrize("kind", ["sparse", "ragged"])
def test_an_input_that_is_declared_so(kind):
    declared = keras.Input((None, 3), name="counts", **{kind: True})
    with pytest.raises(ExportError, match=f"its input counts is declared {kind}=True"):
        dense.check_inputs([keras.Input((3,)), declared])
    dense.check_inputs([keras.Input((3,))])
