"""A step(x, y) and data() become a model that trains as the author's own loop does."""

import runpy

import numpy as np
import pytest

from pygen.author import ownstep
from pygen.author.notices import Notices
from pygen.errors import ExportError
from pygen.tests.conftest import ROOT

X = np.random.default_rng(0).normal(size=(64, 4))
Y = X.sum(axis=1, keepdims=True)


def steps(kind):
    """A step as people write it, and the weights that it trains."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.1)

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights, strict=True)
        )
        return {"loss": loss} if kind == "dict" else loss

    if kind in ("function", "jit"):
        step = tf.function(step, jit_compile=kind == "jit")
    return step, model, optimizer


@pytest.mark.parametrize("kind", ["plain", "dict", "function", "jit"])
def test_trains_as_the_loop_does(kind):
    import tensorflow as tf

    step, network, optimizer = steps(kind)
    start = network.get_weights()
    notices = Notices()
    model, (x, _) = ownstep.model_of(step, lambda: (X, Y), notices)
    assert x is X
    assert [notice["about"] for notice in notices] == ["step", *(["eager"] if kind in ("plain", "dict") else [])]
    assert optimizer.built and int(optimizer.iterations) == 0
    for weight, value in zip(network.get_weights(), start, strict=True):
        np.testing.assert_array_equal(weight, value)
    assert {id(w) for w in model.weights} == {id(w) for w in network.weights}
    assert model.optimizer is None

    batches = [tuple(tf.cast(part[i : i + 16], tf.float32) for part in (X, Y)) for i in range(0, 64, 16)]
    model.make_train_function()
    got = [float(model.train_function(iter([batch]))["loss"]) for batch in batches]
    step, _, _ = steps(kind)
    wanted = [step(*batch) for batch in batches]
    np.testing.assert_allclose(got, [float(w["loss"] if kind == "dict" else w) for w in wanted], rtol=1e-5)


def test_a_data_set():
    import tensorflow as tf

    step, _, _ = steps("function")
    batches = tf.data.Dataset.from_tensor_slices((X.astype("float32"), Y.astype("float32"))).batch(16)
    model, examples = ownstep.model_of(step, lambda: batches, Notices())
    assert examples is batches
    assert float(model.train_step(next(iter(batches)))["loss"]) > 0


def test_variables_made_at_the_first_call():
    import tensorflow as tf

    held = []

    @tf.function
    def step(x, y):
        if not held:
            held.append(tf.Variable(tf.ones((4, 1))))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ held[0] - y) ** 2)
        held[0].assign_sub(0.1 * tape.gradient(loss, held[0]))
        return loss

    model, _ = ownstep.model_of(step, lambda: (X, Y), Notices())
    assert [id(weight) for weight in model.weights] == [id(held[0])]
    np.testing.assert_array_equal(held[0].numpy(), np.ones((4, 1)))


BAD = [
    (lambda x, y: None, lambda: (X, Y), "must return the loss of the batch, a scalar, and returns NoneType"),
    (lambda x, y: x, lambda: (X, Y), r"returns a tensor of the shape \(32, 4\)"),
    (lambda x, y: 0 * x[0, 0], lambda: (X, Y), "changes no variable"),
    (lambda x, y: x.numpy(), lambda: (X, Y), r"step\(...\) cannot be a graph: AttributeError"),
    (lambda x: x, lambda: (X, Y), r"step\(...\) cannot be a graph: TypeError"),
    (lambda x, y: x, lambda: 1 / 0, r"data\(\) fails: ZeroDivisionError"),
    (lambda x, y: x, lambda: None, r"data\(\) must return x, \(x, y\)"),
    (lambda x, y: x, lambda: (X, Y, X, Y), r"data\(\) must return x, \(x, y\)"),
    (lambda x, y: x, lambda: (X, object()), r"data\(\) must return arrays"),
]


@pytest.mark.parametrize(("step", "data", "reason"), BAD)
def test_bad_steps(step, data, reason):
    with pytest.raises(ExportError, match=reason):
        ownstep.model_of(step, data, Notices())


def test_an_empty_data_set():
    import tensorflow as tf

    with pytest.raises(ExportError, match="without an element"):
        ownstep.model_of(lambda x: x, lambda: tf.data.Dataset.range(0), Notices())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def step(x, y): pass\ndef data(): pass", True),
        ("@f\ndef step(x): pass\ndef data(n=3): pass", True),
        ("def step(x, y): pass\ndef data(n, seed): pass", False),
        ("def step(): pass\ndef data(): pass", False),
        ("def step(x, y): pass", False),
        ("class A:\n  def step(x, y): pass\ndef data(): pass", False),
        ("def step(x, y: pass", False),
    ],
)
def test_files_that_have_a_step(tmp_path, text, found):
    (tmp_path / "a.py").write_text(text)
    assert ownstep.in_file(tmp_path / "a.py") is found


def test_the_loop_of_the_example_runs():
    runpy.run_path(str(ROOT / "testdata" / "models" / "own_loop.py"), run_name="__main__")
