"""Steps in replicas against one device and MirroredStrategy. `replicated` compares all models, which takes minutes."""

from collections import Counter

import pytest
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pygen.tests.conftest import manifest, pygen_many
from pygen.tests.training import replicated

NEAR = 1e-5


@pytest.mark.parametrize(("name", "replicas"), [("linear", 4), ("mlp", 2)])
def test_trains_as_one_device_does(name, replicas):
    found = replicated.asked(name, replicas)
    assert max(found["loss_one"], found["weights_one"], found["loss_mirrored"], found["weights_mirrored"]) < NEAR


def test_short_batches_and_dropout_are_those_of_mirrored_strategy():
    """A short batch of 3 leaves the last of four replicas nothing, and each drops the same places of its examples."""
    found = replicated.asked("textcnn", 4, 8, short=True)
    assert max(found["loss_mirrored"], found["weights_mirrored"]) < NEAR
    assert found["loss_one"] > 100 * NEAR  # or the test could not fail


def devices(folder):
    """{device: how many multiplications of matrices} of a SavedModel."""
    graph = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0].graph_def
    nodes = [node for function in graph.library.function for node in function.node_def if node.op == "MatMul"]
    return Counter(node.device for node in nodes if node.device)


def test_exports(tmp_path):
    """Each tower computes on a device of its own, of the target, and a machine without GPUs can export for them."""
    words = ["export", "mlp", "--replicas", "2", "--out", tmp_path]
    for code, _, errors in pygen_many(words, [*words, "--target", "gpu"]):
        assert code == 0, errors
    here, there = tmp_path / "mlp-replicas2", tmp_path / "mlp-replicas2-gpu"
    assert devices(here) == {"/device:CPU:0": 8, "/device:CPU:1": 8}
    assert devices(there) == {"/device:GPU:0": 8, "/device:GPU:1": 8}
    found = [manifest(folder)["variant"] for folder in (here, there)]
    assert [(variant["replicas"], variant["device"]) for variant in found] == [(2, "cpu"), (2, "gpu")]
    assert manifest(here)["parity"]["losses"] == manifest(there)["parity"]["losses"]


SCRIPT = """
import keras, numpy
x = numpy.random.default_rng(1).random((100, 6), "float32")
model = keras.Sequential([keras.layers.Dense(8), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
model.fit(x, x.sum(1, keepdims=True), batch_size=20, validation_split=0.2)
"""


def test_a_script(tmp_path):
    """Its model, which is not made within MirroredStrategy, is compared with Keras there all the same."""
    (tmp_path / "train.py").write_text(SCRIPT)
    words = ["export", tmp_path / "train.py", "--out", tmp_path / "graphs"]
    [(code, _, errors), odd] = pygen_many([*words, "--replicas", "4"], [*words, "--replicas", "3"])
    assert code == 0, errors
    assert manifest(tmp_path / "graphs" / "train-replicas4")["variant"]["replicas"] == 4
    assert "validation runs on the first of the 4 devices alone" in errors
    assert odd[0] == 2
    assert "trains batches of 20, which do not divide by --replicas 3: give --batch a multiple of 3" in odd[2]
