"""The GPUs that a worker trains on: those that are named, and no others."""

import os
import subprocess
import sys
from unittest import mock

import pytest

from pygen.tests.conftest import ROOT
from pygen.worker import backend
from pygen.worker.protocol import Failure


@pytest.mark.parametrize(
    ("device", "numbers"),
    [("cpu", []), ("gpu", []), ("", []), ("gpu:1", [1]), ("gpu:0,1", [0, 1]), ("gpu:3,0", [3, 0])],
)
def test_numbers(device, numbers):
    assert backend._numbers(device) == numbers


@pytest.mark.parametrize(
    ("gpus", "before", "value"),
    [
        ([1], None, "1"),
        ([2, 0], None, "2,0"),
        ([1], "4,6", "6"),
        ([1, 0], "GPU-aa,GPU-bb", "GPU-bb,GPU-aa"),
        ([0], "-1", "-1"),
    ],
)
def test_what_is_visible(gpus, before, value):
    assert backend._visible(gpus, before) == value


def test_a_gpu_that_is_hidden():
    with pytest.raises(Failure, match="GPU 2 is not there: CUDA_VISIBLE_DEVICES is '4,6'"):
        backend._visible([0, 2], "4,6")


@pytest.mark.parametrize(
    ("device", "seen", "there"),
    [("gpu", 0, False), ("gpu", 2, True), ("gpu:1", 1, True), ("gpu:0,1", 2, True), ("gpu:0,7", 1, False)],
)
def test_each_is_there(device, seen, there):
    found = [{"type": "CPU"}] + seen * [{"type": "GPU"}]
    with mock.patch.object(backend, "devices", lambda: found):
        assert backend._is_there(device) is there


def test_named_gpus_are_all_that_is_seen():
    asked = """
import os
from pygen.worker import backend
from pygen.worker.protocol import Failure
try:
    backend.begin({"device": "gpu:0,1", "gpu_memory_limit": 0})
except Failure as failure:
    print(os.environ["CUDA_VISIBLE_DEVICES"], failure)
"""
    env = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.stdout == "0,1 Keras on tensorflow does not see the device gpu:0,1\n", done.stderr
