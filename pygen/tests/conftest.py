import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["linear", "mlp", "cnn", "rnn", "lstm", "gru"]
DIGITS = ROOT / "testdata" / "digits.npz"


def command(*arguments):
    return [sys.executable, "-m", "pygen", *map(str, arguments)]


def pygen(*arguments, prefix=(), **env):
    """Run the command line as a person does, in a process of its own."""
    return subprocess.run(
        [*prefix, *command(*arguments)], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=300
    )


def export(out, *arguments, **env):
    """Export, which must work; returns what it printed on stdout."""
    done = pygen("export", *arguments, "--out", out, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifest(folder):
    return json.loads((Path(folder) / "graph.json").read_text())


def content(folder):
    """Every file of a folder with its bytes."""
    return {p.relative_to(folder): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


MANY = """
import contextlib, io, json, sys
from pygen.cli import main
results = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = stop.code
    results.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(results))
"""


def pygen_many(*commands):
    """Run several command lines in one process, with one import of TensorFlow; returns (code, out, err) of each."""
    lines = json.dumps([list(map(str, c)) for c in commands])
    done = subprocess.run([sys.executable, "-c", MANY, lines], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def graphs(tmp_path_factory):
    """All built-in models, plain, exported together."""
    out = tmp_path_factory.mktemp("graphs")
    export(out, *MODELS)
    return out


@pytest.fixture(scope="session")
def variants(tmp_path_factory, ragged_file):
    """One of each way in which an export can differ from the plain one."""
    out = tmp_path_factory.mktemp("variants")
    exports = (
        ["rnn", "cnn", "--jit"],
        ["rnn", "--unroll"],
        ["gru", "--fused"],
        ["rnn", "--fused", "--jit", "--parts", "2"],
        ["mlp", "--optimizer", "SGD", "--learning-rate", "0.05", "--batch", "48"],
        ["mlp", "cnn", "--data", DIGITS],
        ["rnn", "--data", ragged_file],
        ["rnn", "--data", ragged_file, "--unroll"],
    )
    for code, _, err in pygen_many(*(["export", *arguments, "--out", out] for arguments in exports)):
        assert code == 0, err
    return out


@pytest.fixture(scope="session")
def ragged_file(tmp_path_factory):
    """30 sequences of 1 to 12 tokens below 7, labels below 4."""
    random = np.random.default_rng(5)
    lengths = random.integers(1, 13, 30)
    lengths[3] = 12
    tokens = random.integers(0, 7, lengths.sum()).astype(np.uint8)
    tokens[0] = 6
    labels = np.arange(30) % 4
    path = tmp_path_factory.mktemp("data") / "words.npz"
    np.savez(path, x=tokens, y=labels, **{"x.lengths": lengths})
    return path
