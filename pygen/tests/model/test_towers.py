import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.model import towers
from pygen.tests.conftest import manifest
from pygen.training import step

SPECS = [tf.TensorSpec((None, 4), tf.int32), tf.TensorSpec((None, 2))]


def build(*more):
    """A model with an embedding, whose gradient is sparse, and a regularizer, which every part has whole."""
    keras.utils.set_random_seed(5)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            layers.Embedding(7, 3),
            layers.Flatten(),
            layers.Dense(5, activation="tanh", kernel_regularizer="l2"),
            *more,
            layers.Dense(2),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
    return model


def losses(make, batches):
    model = build()
    state = step.State(model)
    train = tf.function(make(model), input_signature=SPECS, autograph=False)
    return [float(train(x, y)["loss"]) for x, y in batches], [v.numpy() for v in state.tracked]


@pytest.mark.parametrize("jit", [False, True])
def test_parts_train_as_the_whole_does(jit):
    random = np.random.default_rng(1)
    batches = [
        (tf.constant(random.integers(0, 7, (n, 4)), tf.int32), tf.constant(random.normal(size=(n, 2)), tf.float32))
        for n in (8, 8, 7, 2, 1)  # the last two have parts without examples
    ]
    whole, variables = losses(step.training_step, batches)
    parts, ours = losses(lambda model: towers.training_step(model, 3, jit), batches)
    np.testing.assert_allclose(parts, whole, rtol=1e-5)
    for a, b in zip(ours, variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", [keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)])
def test_layers_with_state_are_refused(layer):
    model = build(layer)
    model.optimizer.build(model.trainable_variables)
    train = tf.function(towers.training_step(model, 2, False), autograph=False)
    with pytest.raises(
        ExportError, match="it cannot be computed in parts, which would each change its variables: .*Assign"
    ):
        train.get_concrete_function(*SPECS)


def test_exports_in_parts(variants):
    variant = manifest(variants / "rnn-fused-p2-jit")["variant"]
    assert (variant["parts"], variant["fused"], variant["jit"]) == (2, True, True)
    assert "parts" not in manifest(variants / "rnn-jit")["variant"]
