"""The worker as a process of its own, and what it finds there."""

import dataclasses
import json
import os
import subprocess
import sys

import pytest

from pygen.tests.conftest import ROOT
from pygen.tests.worker.launches import MODEL, job, of_script
from pygen.worker import machine

SCRIPT = (
    MODEL
    + """
import os, subprocess, sys
tf.config.threading.set_intra_op_parallelism_threads(2)
print("said on stdout")
subprocess.run(["echo", "of a child"])
class Slow(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if len(sys.argv) > 1:
            __import__("time").sleep(600)
new().fit(x, y, batch_size=16, verbose=2, callbacks=[Slow()])
"""
)


def start(asked, *flags, **env):
    """Start the worker and give it its job."""
    process = subprocess.Popen(
        [sys.executable, *flags, "-m", "pygen.worker"],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"} | env,
    )
    process.stdin.write(json.dumps(dataclasses.asdict(asked) | {"protocol": 3}) + "\n")
    process.stdin.flush()
    return process


def ended(process):
    """Wait for a worker whose stdin stays open; return (its events, its exit code, what it printed)."""
    events = [json.loads(line) for line in process.stdout]
    errors = process.stderr.read()
    return events, process.wait(timeout=60), errors


def test_a_launch(folder):
    of_script(folder, SCRIPT)
    events, code, errors = ended(start(job(folder, intra_op=1, inter_op=1)))
    assert [event["event"] for event in events] == ["hello", "loaded", "epoch", "epoch", "memory", "done"], errors
    assert code == 0
    assert "said on stdout" in errors and "of a child" in errors and "Epoch 2/2" in errors
    hello, loaded = events[0]["hello"], events[1]["loaded"]
    assert hello["protocol"] == 3 and hello["versions"].keys() >= {"keras", "python"} and hello["tensorflow"]
    assert (loaded["resolved"]["intra_op"], loaded["resolved"]["inter_op"]) == (1, 1)  # whatever the script sets
    assert loaded["load_s"] > 0


def test_a_worker_that_is_to_stop_ends_at_once(folder):
    of_script(
        folder,
        SCRIPT,
        origin={"model": str(folder / "train.py"), "folder": str(folder), "options": ["--script-arg=slow"]},
    )
    process = start(job(folder))
    for line in process.stdout:
        if json.loads(line)["event"] == "loaded":
            break
    process.stdin.write('{"request":"stop"}\n')
    process.stdin.flush()
    events, code, _ = ended(process)
    assert (code, [event["event"] for event in events]) == (1, ["error"])
    assert events[0]["error"]["code"] == "interrupted"


def test_a_python_without_keras(folder):
    events, code, _ = ended(start(job(of_script(folder, SCRIPT)), "-S"))
    assert code == 1
    assert events[-1]["error"]["code"] == "job"
    assert events[-1]["error"]["message"] == f"this Python ({sys.executable}) has no Keras"


def test_a_parent_that_has_ended_before(folder):
    asked = job(of_script(folder, SCRIPT))
    code = "from pygen.worker.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = dataclasses.asdict(asked) | {"protocol": 3, "worker": process.pid, "parent": 1}
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    events, code, _ = ended(process)
    assert (code, events[-1]["error"]["message"]) == (1, "the parent is gone")


@pytest.mark.parametrize(
    ("change", "env", "reason"),
    [
        ({"env": {"TF_X": "1"}}, {}, "the worker's environment has TF_X=None, not '1'"),
        ({}, {"KERAS_BACKEND": "jax"}, "the runtime fit needs KERAS_BACKEND=tensorflow, and it is 'jax'"),
    ],
)
def test_an_environment_that_is_another(folder, change, env, reason):
    events, code, _ = ended(start(dataclasses.replace(job(of_script(folder, SCRIPT)), **change), **env))
    assert (code, events[-1]["error"]["message"]) == (1, reason)


def test_the_counters_of_the_machine():
    before = machine.disturbance()
    assert machine.peak() >= machine.resident() > 1 << 20
    assert machine.cores() >= 1
    since = machine.disturbance().since(before)
    assert since["steal_s"] >= 0 and since["involuntary_switches"] >= 0
    assert machine.Disturbance(1.0, 5).since(machine.Disturbance(3.0, 2)) == {"steal_s": 0.0, "involuntary_switches": 3}
