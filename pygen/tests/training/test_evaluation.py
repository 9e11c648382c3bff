"""Evaluation and prediction: which signatures a model gets, why not, and that they do what Keras does."""

import contextlib

import numpy as np
import pytest

from pygen.model.columns import SIMPLE, Layout
from pygen.tests.conftest import MODELS, manifest
from pygen.training import evaluation, parity


@pytest.fixture(scope="module")
def tools():
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(1)
    return keras, tf


def batches(outputs=1):
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 8, 4)).astype("float32"), random.integers(0, 2, (2, 8, outputs)).astype("float32")
    return [{"x": x[k], "y": y[k]} for k in range(2)]


def signatures(tools, model, layout=SIMPLE, outputs=1):
    _, tf = tools
    specs = [tf.TensorSpec([None, 4], name="x"), tf.TensorSpec([None, outputs], name="y")]
    return evaluation.Signatures(model, layout, specs[: len(layout.names)]), specs[: len(layout.names)]


def dense(keras, **compiling):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", **compiling)
    return model


def test_built_in_models(graphs, variants):
    folders = [graphs / name for name in MODELS] + [f.parent for f in variants.glob("*/graph.json")]
    for folder in folders:
        described = manifest(folder)
        assert "missing" not in described, folder
        names = described["signatures"]
        batch = described["variant"]["batch"]
        assert [o["shape"][0] for o in names["predict"]["outputs"]] == [batch]
        assert "loss" in [value["name"] for value in names["metrics"]["values"]]
        assert names["evaluate"] == {"key": "evaluate", "examples": "examples"}


def test_metrics_have_any_names(tools, tmp_path):
    from pygen.training import step

    keras, _ = tools
    model = dense(keras, metrics=[keras.metrics.MeanSquaredError(name=name) for name in ("Brier score", "β[0]: %")])
    found, specs = signatures(tools, model)
    step.save(model, specs, str(tmp_path), jit=False, others=found.functions)
    assert [value["name"] for value in found.described["metrics"]["values"]] == ["Brier score", "loss", "β[0]: %"]
    with contextlib.closing(parity.Sessions(tmp_path)) as sessions:
        assert evaluation.METRICS in sessions.get(rewritten=True)[1]


def test_checked_against_keras(tools, tmp_path):
    from pygen.training import step

    keras, _ = tools
    model = dense(keras, metrics=["accuracy", keras.metrics.AUC(name="auc")])
    found, specs = signatures(tools, model)
    step.save(model, specs, str(tmp_path), jit=False, others=found.functions)
    before = [np.asarray(v) for v in model.variables]
    with contextlib.closing(parity.Sessions(tmp_path)) as sessions:
        worst = evaluation.check(found, sessions, batches())
        assert set(worst) == {"evaluate", "predict"} and max(worst.values()) <= parity.TOLERANCE
        model.layers[-1].bias.assign([0.5])  # the graph has another
        worst = evaluation.check(found, sessions, batches())
    assert min(worst.values()) > parity.TOLERANCE
    assert found.described == {} and set(found.missing) == {"evaluate", "predict"}
    assert "differ from Keras's" in found.missing["predict"]
    for old, variable in zip(before[:-1], model.variables, strict=False):
        assert np.array_equal(old, variable)


def test_names_and_order_are_those_of_keras(tools):
    keras, _ = tools
    model = dense(keras, metrics=["mae", keras.metrics.F1Score(name="f1")])
    found, _ = signatures(tools, model)
    x, y = (np.concatenate([batch[name] for batch in batches()]) for name in ("x", "y"))
    values = found.described["metrics"]["values"]
    assert [value["name"] for value in values] == list(model.evaluate(x, y, verbose=0, return_dict=True))


def test_own_test_step(tools, tmp_path):
    """Its logs are none of the model's metrics: Keras returns those of the last batch."""
    from pygen.training import step

    keras, tf = tools

    class Own(keras.Model):
        def test_step(self, data):
            x, y = data
            return {"worst": tf.reduce_max(tf.abs(self(x) - y)), "examples": tf.shape(x)[0]}

    inputs = keras.Input((4,))
    model = Own(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    found, specs = signatures(tools, model)
    assert "metrics" not in found.described
    values = found.described["evaluate"]["values"]
    assert [value["name"] for value in values] == ["examples", "worst"]
    assert len({"examples", *(value["output"] for value in values)}) == 3
    step.save(model, specs, str(tmp_path), jit=False, others=found.functions)
    with contextlib.closing(parity.Sessions(tmp_path)) as sessions:
        assert evaluation.check(found, sessions, batches())["evaluate"] <= parity.TOLERANCE


def test_what_cannot_be_evaluated_says_why(tools):
    keras, tf = tools

    class Calling(keras.Model):
        def train_step(self, data):
            return {"loss": tf.reduce_sum(data)}

    class Silent(keras.Model):
        def test_step(self, data):
            return tf.constant(1.0)

        def predict_step(self, data):
            return {"words": tf.strings.as_string(data)}

    found, _ = signatures(tools, Calling(), Layout("x"))
    assert set(found.missing) == {"evaluate", "predict"} and not found.functions
    inputs = keras.Input((4,))
    silent = Silent(inputs, keras.layers.Dense(1)(inputs))
    silent.compile("sgd", "mse")
    found, _ = signatures(tools, silent, Layout("x"))
    assert found.missing["evaluate"].startswith("its test_step returns")
    assert "output words" in found.missing["predict"]


def test_difference():
    near, far = [np.array([1.0, 1e-9]), np.array(2.0)], [np.array([1.0, 0.0]), np.array(2.0)]
    assert evaluation.difference(near, far) == pytest.approx(1e-9)
    assert evaluation.difference([np.array([np.nan])], [np.array([np.nan])]) == 0
    assert evaluation.difference([np.array([np.nan])], [np.array([1.0])]) == float("inf")
    assert evaluation.difference([np.zeros(2)], [np.zeros(3)]) == float("inf")
