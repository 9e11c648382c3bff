"""What is told of an error is its reason and the author's line, wherever Keras, AutoGraph and TensorFlow put them."""

import argparse
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from pygen.author import faults, reasons


class Odd(keras.layers.Layer):
    def call(self, x):
        return ops.matmul(x, ops.ones((7, 3)))


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.odd = Odd()

    def call(self, x):
        return self.odd(x)


class Numpy(keras.layers.Layer):
    def call(self, x):
        return np.asarray(x) * 2


def called():
    Net()(np.zeros((4, 12), "float32"))


def traced():
    Net()(keras.KerasTensor((None, 12)))


def numpy_in_layer():
    Numpy()(keras.Input((3,)))


def wrong_input():
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])(np.zeros((4, 5)))


def autograph():
    @tf.function
    def step(x):
        if tf.reduce_sum(x) > 0:
            x = tf.matmul(x, tf.ones((7, 3)))  # autograph's line
        return x

    step(tf.zeros((4, 12)))


def autograph_attribute():
    def parse(a):
        return a.shoe  # parse's line

    tf.data.Dataset.from_tensor_slices([1]).map(parse)


def label_out_of_range():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(np.zeros((4, 3)), np.full(4, 9), verbose=0)


def asserted():
    @tf.function(autograph=False)
    def f(x):
        tf.debugging.assert_greater(x, 1.0, message="must be above one")
        return x

    f(tf.constant(0.5))


def no_such_file():
    next(iter(tf.data.Dataset.from_tensor_slices(["/nofile"]).map(tf.io.read_file)))


def operation():
    tf.matmul(tf.ones((2, 3)), tf.ones((2, 3)))


def deserialized():
    keras.layers.deserialize(
        {"class_name": "Dense", "module": "keras.layers", "config": {"unitz": 3}, "registered_name": None}
    )


KNOWN = {}


def no_key():
    KNOWN["conv"]


def empty():
    raise RuntimeError


# What fails, how the message begins, and what the author's line holds.
REASONS = [
    (called, "InvalidArgumentError: Matrix size-incompatible: In[0]: [4,12], In[1]: [7,3], at ", "ops.matmul(x"),
    (traced, "ValueError: Dimensions must be equal, but are 12 and 7 with input shapes: [?,12], [7,3], at ", "matmul"),
    (numpy_in_layer, "NotImplementedError: Cannot convert a symbolic tf.Tensor", "np.asarray(x) * 2"),
    (wrong_input, "ValueError: Input 0 with name 'None' of layer 'dense", "Dense(2)])(np.zeros"),
    (autograph, "ValueError: Dimensions must be equal, but are 12 and 7 with input shapes", "# autograph's line"),
    (autograph_attribute, "AttributeError: 'SymbolicTensor' object has no attribute 'shoe', at ", "# parse's line"),
    (label_out_of_range, "InvalidArgumentError: Received a label value of 9 which is outside", "model.fit("),
    (asserted, "InvalidArgumentError: assertion failed: [must be above one]", "tf.debugging.assert_greater"),
    (no_such_file, "NotFoundError: Error in user-defined function passed to MapDataset", "tf.io.read_file"),
    (operation, "InvalidArgumentError: Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3], at ", "tf.matmul"),
    (deserialized, "TypeError: Dense.__init__() missing 1 required positional argument: 'units', at ", "deserialize("),
    (no_key, "KeyError: 'conv', at ", 'KNOWN["conv"]'),
    (empty, "RuntimeError, at ", "raise RuntimeError"),
]


@pytest.fixture(autouse=True)
def as_authors(monkeypatch):
    """Take this file, which lies within pygen, for one of an author."""
    monkeypatch.setattr(faults, "is_authors", lambda file: file == __file__)


@pytest.mark.parametrize(("fails", "begins", "line"), REASONS, ids=lambda value: getattr(value, "__name__", ""))
def test_reason(fails, begins, line):
    with pytest.raises(Exception) as caught:
        fails()
    told = faults.describe(caught.value)
    assert told.startswith(begins)
    reason, _, place = told.rpartition(", at ")
    assert place.split(":")[0].endswith("test_reasons.py")
    assert line in place
    assert "\n" not in told and "\x1b" not in told and "node " not in reason


def test_a_long_reason_is_cut():
    assert reasons.of(ValueError("x" * 1000))[1] == "x" * reasons.MOST + "…"


def described(code, error=BaseException):
    with pytest.raises(error) as caught:
        exec(code, {"__name__": "__main__"})
    return faults.describe(caught.value)


@pytest.mark.parametrize("name", ["keras_hub_of_nobody", "keras.nothing"])
def test_a_missing_module(name):
    told = described(f"import {name}", ImportError)
    assert told.startswith(f"ModuleNotFoundError: No module named '{name}'")
    assert f"{sys.executable} has no module of that name" in told and "--python" in told


def test_a_relative_import():
    told = described("from .helpers import f", ImportError)
    assert "attempted relative import" in told and "-m package.module" in told


def test_argparse_says_what_is_missing():
    parser = argparse.ArgumentParser(prog="train.py")
    parser.add_argument("--data", required=True)
    for given, words in (([], "--data"), (["--data", "x", "--zzz"], "unrecognized arguments: --zzz")):
        with pytest.raises(SystemExit) as caught:
            parser.parse_args(given)
        told = faults.describe(caught.value)
        assert told.startswith("it ends by itself, with exit code 2: ")
        assert words in told and "usage: train.py [-h] --data DATA" in told
        assert told.endswith("; arguments for it stand after --, as in FILE.py -- ARGS")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (None, "it ends by itself, with exit code 0"),
        (3, "it ends by itself, with exit code 3"),
        ("no data\nat all", "it ends by itself: no data"),
    ],
)
def test_a_script_that_ends(code, told):
    assert faults.describe(SystemExit(code)) == told
