"""Scripts go through the exporter: what they set and read, and loops of their own."""

import json

import numpy as np
import pytest

from pygen.folder.manifest import identity
from pygen.tests.conftest import manifest, pygen_many

MODEL = """
import os
import keras
import numpy as np
import tensorflow as tf
x, y = np.ones((64, 4), "float32"), np.ones((64, 1), "float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""
AHEAD = """
class Other:
    def fit(self, x):
        return self
for i in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    for weight, gradient in zip(model.trainable_weights, tape.gradient(loss, model.trainable_weights)):
        weight.assign_sub(0.1 * gradient)
"""
LOOP = """
optimizer = keras.optimizers.SGD(0.1)
open("ran.txt", "a").write("start ")
for _ in range(3):
    try:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
        open("ran.txt", "a").write("step ")
    except Exception:
        pass
open("ran.txt", "a").write("end ")
"""
SCRIPTS = {
    "loop": MODEL + LOOP,
    "fit_and_loop": MODEL + "model.fit(x, y, batch_size=16)\n" + LOOP,
    "loop_and_fit": MODEL + AHEAD + "model.fit(x, y, batch_size=16)\n",
    "loop_and_other_fit": MODEL + AHEAD + "Other().fit(x)\n",
    "built_by_predict": MODEL
    + "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile('sgd', 'mse')\nmodel.predict(x[:10])\n"
    + "model.fit(x, y, batch_size=16)\n",
    "calls": MODEL + "for i in range(30):\n    model.train_on_batch(x[: 8 + i], y[: 8 + i])\n",
    "sets": 'import os\nos.environ["OMP_NUM_THREADS"] = "3"\n'
    + MODEL
    + "tf.config.threading.set_intra_op_parallelism_threads(2)\ntf.config.run_functions_eagerly(True)\n"
    + 'os.chdir("sub")\nx = np.load("x.npy")\nmodel.fit(x, y)\nnp.save("made.npy", x)\nnp.load("made.npy")\n',
    "ends": MODEL + "model.fit(x, y)\nraise SystemExit(3)\n",
}
COMMANDS = {
    "loop": ["loop.py"],
    "fit_and_loop": ["fit_and_loop.py"],
    "loop_and_fit": ["loop_and_fit.py"],
    "loop_and_other_fit": ["loop_and_other_fit.py"],
    "built_by_predict": ["built_by_predict.py"],
    "calls": ["calls.py"],
    "calls-4steps": ["calls.py", "--steps-per-epoch", "4"],
    "calls-31steps": ["calls.py", "--steps-per-epoch", "31"],
    "sets": ["sets.py"],
    "ends": ["ends.py"],
    "notebook": ["notebook.ipynb"],
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The folder of the scripts, and (code, errors) of each export to its folder graphs."""
    folder = tmp_path_factory.mktemp("observed")
    (folder / "sub").mkdir()
    np.save(folder / "sub" / "x.npy", np.ones((64, 4), "float32"))
    text = "import os\nos.chdir(os.path.dirname(__file__))\n"  # the tests run elsewhere
    for name, script in SCRIPTS.items():
        (folder / f"{name}.py").write_text(text + script)
    cell = {"cell_type": "code", "source": f"%matplotlib inline\nimport os\n{MODEL}model.fit(x, y, batch_size=16)"}
    (folder / "notebook.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}))
    commands = [
        ["export", folder / file, *more, "--out", folder / "graphs", "--sources", folder / f"{name}.json"]
        for name, (file, *more) in COMMANDS.items()
    ]
    results = pygen_many(*commands)
    return folder, {name: (code, errors) for name, (code, _, errors) in zip(COMMANDS, results, strict=True)}


def test_a_loop_is_refused_and_runs_no_step(exported):
    folder, results = exported
    code, errors = results["loop"]
    assert code == 1
    assert "trains in a loop of its own, not by fit(...)" in errors
    assert "def step(x, y):" in errors
    assert (folder / "ran.txt").read_text().split() == ["start", "start"], "once for each of two scripts"
    assert not (folder / "graphs" / "loop").exists()


def test_a_loop_after_a_fit_keeps_the_fit(exported):
    folder, results = exported
    assert results["fit_and_loop"][0] == 0, results["fit_and_loop"][1]
    described = manifest(folder / "graphs" / "fit_and_loop")
    assert described["settings"]["batch"] == 16
    assert any("a loop of its own" in notice["text"] for notice in described["notices"])


def test_a_loop_before_a_fit_is_passed_for_the_fit(exported):
    folder, results = exported
    assert results["loop_and_fit"][0] == 0, results["loop_and_fit"][1]
    described = manifest(folder / "graphs" / "loop_and_fit")
    assert described["settings"]["batch"] == 16
    (told,) = [notice for notice in described["notices"] if notice["about"] == "loop"]
    assert "loop_and_fit.py:19" in told["text"]
    code, errors = results["loop_and_other_fit"]
    assert code == 1
    assert "trains in a loop of its own, not by fit(...)" in errors


def test_the_batch_of_a_model_that_predict_has_built(exported):
    folder, results = exported
    assert results["built_by_predict"][0] == 0, results["built_by_predict"][1]
    described = manifest(folder / "graphs" / "built_by_predict")
    assert described["settings"]["batch"] == 16
    assert described["variant"]["batch"] is None


def test_train_on_batch(exported):
    folder, results = exported
    assert results["calls"][0] == 1
    assert "--steps-per-epoch N" in results["calls"][1]
    assert results["calls-31steps"][0] == 1
    assert "30 times" in results["calls-31steps"][1]
    assert results["calls-4steps"][0] == 0, results["calls-4steps"][1]
    described = manifest(folder / "graphs" / "calls-4steps")
    assert described["script"]["call"] == "train_on_batch"
    assert described["pipeline"]["batches"] | {"shapes": 0} == {"steps": 4, "examples": 38, "whole": True, "shapes": 0}
    assert "loop" in [notice["about"] for notice in described["notices"]]


def test_what_a_script_sets_and_reads(exported):
    folder, results = exported
    assert results["sets"][0] == 0, results["sets"][1]
    described = manifest(folder / "graphs" / "sets")
    assert described["process"] == {"intra_op": 2, "env": {"OMP_NUM_THREADS": "3"}}
    assert described["sha256"] == identity(folder / "graphs" / "sets", described)
    assert "eager" in [notice["about"] for notice in described["notices"]]
    read = {source["path"] for source in json.loads((folder / "sets.json").read_text())}
    assert read == {str(folder / "sets.py"), str(folder / "sub" / "x.npy")}


def test_a_script_that_ends_python(exported):
    folder, results = exported
    assert results["ends"][0] == 0, results["ends"][1]
    assert any("exit code 3" in notice["text"] for notice in manifest(folder / "graphs" / "ends")["notices"])


def test_a_notebook(exported):
    folder, results = exported
    assert results["notebook"][0] == 0, results["notebook"][1]
    described = manifest(folder / "graphs" / "notebook")
    assert described["settings"]["batch"] == 16
    assert described["script"]["line"] == 11
    assert {source["path"] for source in json.loads((folder / "notebook.json").read_text())} == {
        str(folder / "notebook.ipynb")
    }
