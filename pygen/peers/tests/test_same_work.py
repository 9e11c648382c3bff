"""That all frameworks train alike.

Run by hand, after `make peers`: .venv/bin/python -m pytest pygen/peers/tests
"""

import json
import subprocess
import sys

import numpy as np
import pytest

from pygen.peers import contenders, stats

ROOT = contenders.ROOT
# Nothing is timed here, and on a busy machine PyTorch's threads wait long for each other.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
MODELS = ["linear", "mlp", "cnn", "rnn", "lstm", "gru"]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """Graphs and work folders of all models, one measured epoch each."""
    folder = tmp_path_factory.mktemp("peers")
    export = [sys.executable, "-m", "pygen", "export", *MODELS, "--out", str(folder / "graphs")]
    prepare = [sys.executable, "-m", "pygen.peers.prepare", str(folder), *(f"{m}:32:1" for m in MODELS)]
    for command in (export, prepare):
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=contenders.environment(folder))
    return folder


@pytest.mark.skipif(not contenders.PEERS_PYTHON.exists(), reason="there is no .venv-runtimes; run make peers")
def test_torch_and_jax_agree_in_double_precision(scratch):
    """Every step of two epochs."""
    command = [contenders.PEERS_PYTHON, "-m", "pygen.peers.tests.double", *(scratch / f"{m}-32" for m in MODELS)]
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        env=contenders.environment(scratch) | ONE_THREAD,
    )
    compared = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, _, _ in compared] == MODELS
    for name, torch, jax in compared:
        np.testing.assert_allclose(torch, jax, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["c-loop", "tf-function", "torch-eager", "jax-jit"])
def test_first_epoch_agrees_with_keras(scratch, name, model):
    """Batch 32."""
    contender = contenders.BY_NAME[name]
    if contender.needs and not contender.needs.exists():
        pytest.skip("there is no .venv-runtimes; run make peers")
    losses = {}
    for who in (contender, contenders.BY_NAME["keras-fit"]):
        folder = scratch / f"{model}-32"
        command = who.command(folder, json.loads((folder / "work.json").read_text()))
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, env=contenders.environment(scratch) | ONE_THREAD
        )
        assert done.returncode == 0, done.stderr
        losses[who.name] = who.read(done.stdout, 0)["losses"]
    assert stats.difference(losses[name], losses["keras-fit"]) == ""
    assert losses[name][0] == pytest.approx(losses["keras-fit"][0], rel=2e-4)
