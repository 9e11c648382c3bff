import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pygen.peers import weights, work
from pygen.worker.protocol import Failure, Job

ROOT = Path(__file__).resolve().parents[2]
RUNTIMES = ROOT / ".venv-runtimes" / "bin" / "python"
needs_runtimes = pytest.mark.skipif(
    not RUNTIMES.exists(), reason="there is no .venv-runtimes, which is 3 GB; run make runtimes"
)
CONFIG = {
    "epochs": 2,
    "warmup": 1,
    "batch": 32,
    "samples": 0,
    "shuffle": False,
    "intra_op": 0,
    "inter_op": 0,
    "device": "cpu",
}


@pytest.fixture
def graph(tmp_path):
    """The manifest of a graph like `linear`, and its examples."""
    folder = tmp_path / "linear"
    folder.mkdir()
    model = {"architecture": "linear", "parameters": 2}
    described = {"model": model, "inputs": [{"name": "x"}], "targets": [{"name": "y"}]}
    (folder / "graph.json").write_text(json.dumps(described))
    random = np.random.default_rng(1)
    x = random.normal(size=(100, 1)).astype("float32")
    np.savez(tmp_path / "examples.npz", x=x, y=2 * x + 1)
    np.savez(tmp_path / "weights.npz", **{"000": np.array([[0.5]], "float32"), "001": np.array([0.1], "float32")})
    return folder


def job(graph, **changes):
    config = CONFIG | changes
    return {
        "kind": "train",
        "graph": str(graph),
        "sha256": "",
        "config": config,
        "examples": str(graph.parent / "examples.npz"),
    }


def launch(python, module, said, *arguments):
    """Return the events of a worker that is given this job."""
    with subprocess.Popen(
        [python, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        worker.stdin.write(json.dumps({"protocol": 3} | said) + "\n")
        worker.stdin.flush()
        events = [json.loads(line) for line in worker.stdout]
    return [(event["event"], event.get(event["event"])) for event in events], worker.returncode


def expected(graph, epochs):
    """Return the mean loss of each epoch of gradient descent in batches of 32."""
    with np.load(graph.parent / "examples.npz") as arrays:
        x, y = arrays["x"].astype(float), arrays["y"].astype(float)
    kernel, bias, losses = 0.5, 0.1, []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, 100, 32):
            rows, wanted = x[start : start + 32], y[start : start + 32]
            error = kernel * rows + bias - wanted
            total += float((error**2).sum())
            kernel -= 0.01 * 2 * float((error * rows).mean())
            bias -= 0.01 * 2 * float(error.mean())
        losses.append(total / 100)
    return losses


@needs_runtimes
@pytest.mark.parametrize("module", ["torch_loop", "jax_loop"])
def test_loop_is_a_worker(graph, module):
    said, code = launch(RUNTIMES, f"pygen.peers.{module}", job(graph), str(graph.parent / "weights.npz"))
    assert [name for name, _ in said] == ["hello", "loaded", "epoch", "epoch", "epoch", "memory", "done"] and code == 0
    hello, loaded, *epochs = (event for _, event in said[:5])
    assert hello["protocol"] == 3 and module.partition("_")[0] in hello["versions"]
    assert (loaded["resolved"]["steps"], loaded["resolved"]["samples"], loaded["resolved"]["batch"]) == (4, 100, 32)
    assert [epoch["warmup"] for epoch in epochs] == [True, False, False]
    assert [epoch["loss"] for epoch in epochs] == pytest.approx(expected(graph, 3), rel=1e-5)
    for before, epoch in zip(epochs, epochs[1:], strict=False):
        assert epoch["start_s"] >= before["start_s"] + before["seconds"]
    assert said[5][1]["memory"]["peak_rss_bytes"] > 50 << 20


@needs_runtimes
def test_loss_that_is_not_finite_fails(graph):
    np.savez(graph.parent / "examples.npz", x=np.full((4, 1), np.inf, "float32"), y=np.ones((4, 1), "float32"))
    said, code = launch(RUNTIMES, "pygen.peers.jax_loop", job(graph), str(graph.parent / "weights.npz"))
    assert said[-1][0] == "error" and said[-1][1]["code"] == "nonfinite" and code == 1


@needs_runtimes
def test_torch_and_jax_agree_in_double_precision():
    """Every step of two epochs of every model."""
    done = subprocess.run([RUNTIMES, "-m", "pygen.peers.tests.double"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    compared = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, _, _ in compared] == ["linear", "mlp", "cnn", "rnn", "lstm", "gru"]
    for name, torch, jax in compared:
        np.testing.assert_allclose(torch, jax, rtol=1e-12, err_msg=name)


def test_c_loop_is_a_worker(graph, tmp_path):
    """A step that is no model's: its loss is the mean of x, and a variable counts the steps."""
    code = """
import sys, tensorflow as tf
class Step(tf.Module):
    def __init__(self):
        self.steps = tf.Variable(0.0)
    @tf.function(input_signature=[tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1])])
    def train(self, x, y):
        return {"loss": tf.reduce_mean(x) + 0 * tf.reduce_mean(y) + self.steps.assign_add(1.0)}
step = Step()
tf.saved_model.save(step, sys.argv[1], {"train": step.train})
"""
    subprocess.run([sys.executable, "-c", code, graph], check=True, capture_output=True)
    described = json.loads((graph / "graph.json").read_text())
    (graph / "graph.json").write_text(json.dumps(described | {"signatures": {"train": {"loss": "loss"}}}))
    said, code = launch(sys.executable, "pygen.peers.c_loop", job(graph), str(ROOT / "bin" / "c-loop"))
    assert [name for name, _ in said] == ["hello", "loaded", "epoch", "epoch", "epoch", "memory", "done"] and code == 0
    with np.load(graph.parent / "examples.npz") as arrays:
        mean = float(arrays["x"].mean())
    steps = np.average([1, 2, 3, 4], weights=[32, 32, 32, 4])
    wanted = [mean + steps + 4 * epoch for epoch in range(3)]
    assert [event["loss"] for name, event in said if name == "epoch"] == pytest.approx(wanted, rel=1e-5)
    np.savez(tmp_path / "examples.npz", x=np.ones((4, 1), "float32"), y=np.ones((4, 1), "int64"))
    said, code = launch(sys.executable, "pygen.peers.c_loop", job(graph), str(ROOT / "bin" / "c-loop"))
    assert said[-1][0] == "error" and said[-1][1]["code"] == "step" and code == 1


def read(graph, **changes):
    return work.Work(Job(**job(graph, **changes)))


def test_batches_are_padded(graph):
    x, lengths = np.arange(1, 7), np.array([1, 3, 2])
    np.savez(graph.parent / "examples.npz", **{"x": x, "x.lengths": lengths, "y": np.array([7, 8, 9])})
    batches = [(x.tolist(), y.tolist()) for x, y in read(graph, batch=2).batches()]
    assert batches == [([[1, 0, 0], [2, 3, 4]], [7, 8]), ([[5, 6]], [9])]


def test_whole_batch(graph):
    assert (read(graph, batch=0).batch, read(graph, batch=0).steps, read(graph, batch=500).batch) == (100, 1, 100)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "gpu"}, "not on gpu"),
        ({"intra_op": 2}, "no setting intra_op"),
        ({"shuffle": True}, "no setting shuffle"),
    ],
)
def test_settings_that_a_loop_lacks_are_refused(graph, changes, said):
    with pytest.raises(Failure, match=said):
        read(graph, **changes)


def test_start_weights_are_in_the_order_of_the_graph(graph, tmp_path):
    tf = pytest.importorskip("tensorflow")
    tracked = [tf.Variable([[1.0]]), tf.Variable([1, 2], dtype="int64"), tf.Variable([2.0]), tf.Variable([3.0])]
    tf.train.Checkpoint(tracked=tracked).write(str(graph / "variables" / "variables"))
    weights.main(str(graph), str(tmp_path / "made.npz"))
    assert [weight.tolist() for weight in work.weights(tmp_path / "made.npz")] == [[[1.0]], [2.0]]
