"""A graph that does not train as Keras does is found, however small or negative its loss."""

import contextlib

import numpy as np
import pytest

from pygen.errors import ExportError
from pygen.training import parity


@pytest.mark.parametrize(
    ("compiled", "reduced", "tolerance"),
    [(False, False, 1e-5), (True, False, 1e-3), (False, True, 1e-2), (True, True, 1e-2)],
)
def test_tolerance(compiled, reduced, tolerance):
    assert parity.tolerance_of(compiled, reduced) == tolerance


def compare(monkeypatch, plain, rewritten, resident, compiled=False, keras=1.0):
    """Judge losses of a graph as it stands, rewritten and on resident data against Keras's, which are all the same."""
    monkeypatch.setattr(parity, "graph_losses", lambda folder, fed, faster: rewritten if faster else plain)
    monkeypatch.setattr(parity, "resident_losses", lambda *_, **__: resident)
    return parity.Comparison("g", "", []).with_graph([keras] * len(rewritten), compiled)


def test_export_that_does_not_train_as_keras(monkeypatch):
    """A graph whose losses are not Keras's own must never be published."""
    ones = [1.0] * 4
    with pytest.raises(ExportError, match="g does not train as Keras does: .*1.0e-04"):
        compare(monkeypatch, [1, 1, 1, 1.0001], ones, [1.0])
    with pytest.raises(ExportError, match="g does not train as Keras does when it is rewritten.*2.0e-03"):
        compare(monkeypatch, ones, [1.002, 1, 1, 1], [1.0])
    with pytest.raises(ExportError, match="g trains otherwise on resident data.*1.0e-04"):
        compare(monkeypatch, ones, ones, [1.0, 1.0001])
    with pytest.raises(ExportError, match="g does not train as Keras does.*2.0e-03"):
        compare(monkeypatch, ones, [1, 1, 1, 1.002], [1.0], compiled=True)
    assert compare(monkeypatch, ones, ones, [1.0]) == (4, parity.TOLERANCE)
    assert compare(monkeypatch, None, [1, 1, 1, 1.00005], [1.0001], compiled=True) == (4, parity.TOLERANCE_COMPILED)


def test_steps_that_magnify_rounding_are_not_kept(monkeypatch):
    ones = [1.0] * 4
    assert compare(monkeypatch, ones, [1, 1, 1.00001, 1.5], [1.0]) == (2, parity.TOLERANCE)
    assert compare(monkeypatch, ones, [1, 1.00005, 1.1, 1.5], [1.0]) == (2, parity.TOLERANCE_COMPILED)
    assert compare(monkeypatch, ones, [1, 1.002, 1.1, 1.5], [1.0]) == (1, parity.TOLERANCE)
    assert parity.kept(ones, [1, 1.000009, 1.00002, 1], ones, 1e-5) == (2, 1e-5)  # the weights were moved
    assert compare(monkeypatch, [1], [1.000009], [1.0]) == (1, parity.TOLERANCE)


@pytest.mark.parametrize(
    ("examples", "operations", "count"),
    [
        ([32] * 10, None, 10),
        ([32] * 10, 1e6, 10),
        ([256] * 10, 1e8, 3),
        ([2] * 2 + [256] * 8, 1e9, 2),
        ([180], 1e11, 1),
    ],
)
def test_heavy_models_train_on_fewer_batches(examples, operations, count):
    assert parity.affordable(examples, operations) == count


def test_losses_that_are_not_finite_differ():
    for bad in (float("nan"), float("inf")):
        assert parity.deviation([bad], [bad]) == float("inf")


@pytest.mark.parametrize("sign", [1, -1])
def test_deviation_is_relative_to_the_size_of_the_loss(sign):
    assert parity.deviation([sign * 2.0, sign * 3.3], [sign * 2.0, sign * 3.0]) == pytest.approx(0.1)
    assert parity.deviation([-sign * 2.0], [sign * 2.0]) == 2.0
    assert parity.deviation([sign * 1e-3], [0.0]) > 1


def test_negative_losses_that_differ_fail(monkeypatch):
    same = [-1.0] * 4
    with pytest.raises(ExportError, match="g does not train as Keras does: .*1.0e-04"):
        compare(monkeypatch, [-1, -1, -1, -1.0001], same, [-1.0], keras=-1.0)
    with pytest.raises(ExportError, match="g does not train as Keras does when it is rewritten.*2.0e-03"):
        compare(monkeypatch, same, [-0.998, -1, -1, -1], [-1.0], keras=-1.0)
    with pytest.raises(ExportError, match="g trains otherwise on resident data.*1.0e-04"):
        compare(monkeypatch, same, same, [-1.0, -0.9999], keras=-1.0)
    assert compare(monkeypatch, same, same, [-1.0], keras=-1.0) == (4, parity.TOLERANCE)


@pytest.mark.parametrize("broken", [False, True])
def test_a_model_whose_loss_is_negative(broken, tmp_path):
    """A graph that was saved with another learning rate than Keras trains with is refused."""
    import keras
    import tensorflow as tf

    from pygen.training import step

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(keras.optimizers.SGD(0.1), loss="cosine_similarity")
    specs = [tf.TensorSpec([None, 4], name="x"), tf.TensorSpec([None, 3], name="y")]
    traced = step.save(model, specs, str(tmp_path), jit=False)[0]
    random = np.random.default_rng(1)
    x = random.normal(size=(8, 4)).astype(np.float32)
    fed = [{"x": x, "y": np.asarray(model(x)) + 0.1}] * 4  # near its aim, so that the loss is near -1
    if broken:
        model.optimizer.learning_rate = 0.2
    with contextlib.closing(parity.Sessions(tmp_path)) as sessions:
        compared = parity.Comparison("g", sessions, fed)
        expected = compared.with_keras(model, traced)
        assert min(expected) >= -1 and max(expected) < -0.5
        if not broken:
            assert compared.with_graph(expected, compiled=False) == (4, parity.TOLERANCE)
            return
        with pytest.raises(ExportError, match="g does not train as Keras does: losses .*-0.9"):
            compared.with_graph(expected, compiled=False)


@pytest.mark.parametrize("jit", [True, False])
def test_a_compiled_step_that_draws_is_compared_with_keras_under_xla(jit, tmp_path):
    """XLA draws other numbers than TensorFlow's kernels from the same seeds."""
    import keras
    import tensorflow as tf

    from pygen.training import step

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16), keras.layers.Dropout(0.5, seed=3)])
    model.compile(keras.optimizers.SGD(0.01), loss="mse", jit_compile=True)
    specs = [tf.TensorSpec([8, 6], name="x"), tf.TensorSpec([8, 16], name="y")]
    traced = step.save(model, specs, str(tmp_path), jit=True)[0]
    random = np.random.default_rng(1)
    fed = [{"x": random.normal(size=(8, 6)).astype(np.float32), "y": np.ones((8, 16), np.float32)}] * 4
    with contextlib.closing(parity.Sessions(tmp_path)) as sessions:
        compared = parity.Comparison("g", sessions, fed)
        expected = compared.with_keras(model, traced, jit)
        if jit:
            assert compared.with_graph(expected, compiled=True) == (4, parity.TOLERANCE_COMPILED)
            return
        with pytest.raises(ExportError, match="g does not train as Keras does: "):
            compared.with_graph(expected, compiled=True)


def test_what_draws():
    import tensorflow as tf

    from pygen.training import randomness

    def graph(function):
        return tf.function(function).get_concrete_function().graph

    assert randomness.draws(graph(lambda: tf.random.stateless_uniform([2], [1, 2])))
    assert randomness.draws(graph(lambda: tf.random.normal([2])))
    assert randomness.draws(graph(lambda: tf.cond(tf.zeros([]) > 0, lambda: tf.random.normal([]), lambda: 0.0)))
    assert not randomness.draws(graph(lambda: tf.zeros([2])))
    assert not randomness.keeps_state(graph(lambda: tf.random.stateless_uniform([2], [1, 2])))
