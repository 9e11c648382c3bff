"""Graphs that no script trains: the model is built again, and takes the examples of the job."""

import json

import numpy as np
import pytest

from pygen.examples import archive
from pygen.tests.worker.launches import MODEL, epochs, graph, job, launched, refused

FILE = MODEL + "def make(width=4):\n    return new(keras.layers.Dense(width))\n"
X = {"name": "x", "dtype": "float32", "shape": [None, 4]}
Y = {"name": "y", "dtype": "float32", "shape": [None, 1]}


@pytest.fixture(autouse=True)
def files(folder):
    (folder / "model.py").write_text(FILE)
    random = np.random.default_rng(3)
    archive.write(folder / "x.npz", {"x": random.normal(size=(50, 4)), "y": random.normal(size=(50, 1))})


def of_file(folder, **described):
    return graph(folder, folder / "model.py:make", **{"inputs": [X], "targets": [Y]} | described)


@pytest.mark.parametrize("runtime", ["fit", "tf-function"])
def test_a_model_of_a_file(folder, runtime):
    found, failure = launched(job(of_file(folder), runtime, folder / "x.npz", epochs=2))
    assert failure is None, failure
    resolved = found["loaded"][0]["resolved"]
    assert (resolved["samples"], resolved["batch"], resolved["steps"], resolved["pipeline"]) == (50, 16, 4, "")
    assert found["loaded"][0]["data_s"] > 0
    assert [(epoch["steps"], epoch["samples"], epoch["metrics"]) for epoch in found["epoch"]] == [(4, 50, {})] * 3
    losses = [epoch["loss"] for epoch in found["epoch"]]
    assert losses == sorted(losses, reverse=True)


def test_options_of_the_export_hold(folder):
    """Another loss is another number; the model has one weight of another width."""
    usual = epochs(job(of_file(folder), examples=folder / "x.npz"))
    origin = {"model": f"{folder}/model.py:make", "folder": str(folder), "options": ["--arg=width=2", "--loss=mae"]}
    other = epochs(job(of_file(folder, origin=origin), examples=folder / "x.npz"))
    assert other[0]["loss"] != pytest.approx(usual[0]["loss"], rel=0.01)


def test_sequences_are_padded_for_fit_once_and_for_a_loop_in_each_batch(folder):
    """A model whose loss is the longest sequence of its batch."""
    (folder / "model.py").write_text(
        MODEL + "class Length(keras.layers.Layer):\n    def call(self, x):\n"
        "        return 0.0 * tf.cast(x[:, :1], 'float32') + tf.cast(tf.shape(x)[1], 'float32')\n"
        "def make():\n    tokens = keras.Input((None,), dtype='int32', name='x')\n"
        "    model = keras.Model(tokens, Length()(tokens))\n"
        "    model.compile('sgd', lambda y, predicted: predicted + 0.0 * y)\n    return model\n"
    )
    rows = [np.arange(length, dtype=np.int32) for length in (3, 1, 7, 2)]
    archive.write(folder / "x.npz", {"x": rows, "y": np.zeros((4, 1), np.float32)})
    tokens = {"name": "x", "dtype": "int32", "shape": [None, None]}
    described = {"inputs": [tokens], "preprocess": [{"op": "pad", "input": "x", "value": 0}]}
    of_file(folder, **described)
    fit, loop = (epochs(job(folder, runtime, folder / "x.npz", batch=2)) for runtime in ("fit", "tf-function"))
    assert [epoch["loss"] for epoch in fit] == [7, 7]
    assert [epoch["loss"] for epoch in loop] == [5, 5]  # of 3 and 7


def test_columns_come_back_as_they_were_written(folder):
    rows = [np.arange(length, dtype=np.int32) for length in (3, 1, 7)]
    archive.write(folder / "a.npz", {"x": rows, "y": np.eye(3)})
    read = archive.read(folder / "a.npz")
    assert [row.tolist() for row in read["x"]] == [row.tolist() for row in rows]
    assert read.keys() == {"x", "y"} and np.array_equal(read["y"], np.eye(3))


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ({"variant": {"fused": True}}, "is made by the exporter (fused)"),
        ({"variant": {"unroll": True, "parts": 2}}, "is made by the exporter (unroll, parts)"),
        ({"variant": {"replicas": 2}}, "is made by the exporter (replicas)"),
        ({"signatures": {"preprocess": {}}}, "runs a preprocess() of its file"),
    ],
)
def test_graphs_that_only_the_exporter_makes(folder, described, reason):
    failure = refused(job(of_file(folder, **described), examples=folder / "x.npz"))
    assert failure.code == "job" and reason in failure.message


def test_examples_that_cannot_be_read(folder):
    of_file(folder)
    assert "no examples come with the job" in refused(job(folder)).message
    (folder / "bad.npz").write_bytes(b"x")
    for file in ("none.npz", "bad.npz"):
        failure = refused(job(folder, examples=folder / file))
        assert failure.code == "data" and file in failure.message
    archive.write(folder / "other.npz", {"x": np.zeros((5, 4))})
    assert refused(job(folder, examples=folder / "other.npz")).code == "data"


def test_graphs_that_are_not_there_or_older(folder):
    assert refused(job(folder)).code == "graph"
    of_file(folder)
    assert refused(job(folder, sha256="11")).code == "graph"
    described = json.loads((folder / "graph.json").read_text())
    del described["origin"]
    (folder / "graph.json").write_text(json.dumps(described))
    failure = refused(job(folder))
    assert failure.code == "job" and "does not say what it was exported from" in failure.message
    of_file(folder, origin={"model": f"{folder}/gone.py", "folder": str(folder), "options": []})
    assert refused(job(folder)).message.endswith("there is no such file")
    of_file(folder, origin={"model": "linear", "folder": str(folder / "gone"), "options": []})
    assert "the folder that it was exported in" in refused(job(folder)).message
