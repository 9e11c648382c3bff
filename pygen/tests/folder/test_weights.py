"""The emptied weights file: filled from a TensorFlow session, as Go does it, Keras loads it."""

import gzip
import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def tools():
    import keras
    import tensorflow as tf

    return keras, tf


def trunk(keras):
    """Layers of every kind of variable: shared, not trained, random state."""
    shared = keras.layers.Dense(8, activation="relu")
    inputs = keras.Input((8,))
    x = shared(keras.layers.Dense(8)(inputs))
    x = shared(keras.layers.BatchNormalization()(x))
    return inputs, keras.layers.Dropout(0.2, seed=3)(x)


def build(keras, optimizer, dtype=None):
    keras.utils.set_random_seed(1)
    inputs, x = trunk(keras)
    model = keras.Model(inputs, keras.layers.Dense(3, dtype=dtype)(x))
    model.compile(optimizer, "mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def optimizers(keras):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    return {
        "adam": ("adam", None),
        "bfloat16": ("sgd", "bfloat16"),
        "averaged": (keras.optimizers.AdamW(schedule, use_ema=True, gradient_accumulation_steps=2), None),
        "scaled": (keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, momentum=0.9)), "mixed_float16"),
    }


def batches():
    random = np.random.default_rng(0)
    return [(random.normal(size=(16, n)).astype("float32")) for n in (8, 3)]


def fill(tf, folder, steps):
    """Train the SavedModel and fill its weights file; returns the path."""
    index = [e for e in json.loads((folder / "weights.json").read_text()) if "tensor" in e]
    content = bytearray(gzip.decompress((folder / "weights.h5.gz").read_bytes()))
    x, y = batches()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(folder))
        train = meta.signature_def["train"]
        for _ in range(steps):
            session.run(train.outputs["loss"].name, {train.inputs["x"].name: x, train.inputs["y"].name: y})
        for entry in index:
            value = session.run(entry["tensor"])
            assert (value.nbytes, value.dtype.name, list(value.shape)) == (
                entry["bytes"],
                entry["dtype"],
                entry["shape"],
            )
            assert not any(content[entry["offset"] :][: entry["bytes"]]), "the file holds values"
            content[entry["offset"] : entry["offset"] + entry["bytes"]] = value.tobytes()
    path = folder / "trained.weights.h5"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["adam", "bfloat16", "averaged", "scaled"])
def test_keras_loads_what_a_session_trained(tools, tmp_path, name):
    from pygen.folder import weights
    from pygen.training import step

    keras, tf = tools
    model, reference, loaded = (build(keras, *optimizers(keras)[name]) for _ in range(3))
    specs = [tf.TensorSpec([None, 8], name="x"), tf.TensorSpec([None, 3], name="y")]
    functions = step.save(model, specs, str(tmp_path), jit=False)
    before = [np.array(v) for v in model.variables]
    assert weights.describe(model, tmp_path, functions) == {"file": "weights.h5.gz", "index": "weights.json"}
    for old, variable in zip(before, model.variables, strict=True):
        assert np.array_equal(old, variable)
    loaded.load_weights(fill(tf, tmp_path, steps=5))
    for _ in range(5):
        reference.train_on_batch(*batches())
    for ours, keras_own in zip(loaded.weights, reference.weights, strict=True):
        np.testing.assert_allclose(np.array(ours, "float32"), np.array(keras_own, "float32"), atol=1e-5)
    for ours, keras_own in zip(loaded.optimizer.variables, reference.optimizer.variables, strict=True):
        np.testing.assert_allclose(np.array(ours, "float32"), np.array(keras_own, "float32"), atol=1e-5)


def test_the_same_model_gives_the_same_files(tools, tmp_path):
    from pygen.folder import weights
    from pygen.training import step

    keras, tf = tools
    specs = [tf.TensorSpec([None, 8], name="x"), tf.TensorSpec([None, 3], name="y")]
    contents = []
    for part in ("a", "b"):
        keras.backend.clear_session()
        model = build(keras, "adam")
        step.save(model, specs, str(tmp_path / part), jit=False)
        weights.describe(model, tmp_path / part)
        contents.append([(tmp_path / part / file).read_bytes() for file in ("weights.h5.gz", "weights.json")])
    assert contents[0] == contents[1]


@pytest.mark.parametrize("saves", ["raises", "changes"])
def test_layers_that_save_otherwise_are_left_out(tools, tmp_path, saves):
    from pygen.folder import weights

    keras, _ = tools

    class Odd(keras.layers.Dense):
        def save_own_variables(self, store):
            if saves == "raises":
                raise RuntimeError("not me")
            store["transposed"] = np.asarray(self.kernel).T * 2

    model = keras.Sequential([keras.Input((8,)), Odd(3)])
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    before = [np.array(v) for v in model.variables]
    assert weights.describe(model, tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    for old, variable in zip(before, model.variables, strict=True):
        assert np.array_equal(old, variable)
