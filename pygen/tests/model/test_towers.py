import contextlib
from dataclasses import replace
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.model import replicas, towers
from pygen.model.columns import SIMPLE
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


def replicated(model, count=2, layout=SIMPLE):
    model.optimizer.build(model.trainable_variables)
    return towers.replicated_step(model, count, "cpu", SPECS, layout)


class Counting(keras.layers.Layer):
    """It counts its calls in a variable of TensorFlow."""

    def build(self, shape):
        self.calls = tf.Variable(0, name="calls")

    def call(self, x):
        self.calls.assign_add(1)
        return x


class Own(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)


def compiled(model, **optimizer):
    model.compile(keras.optimizers.SGD(0.1, **optimizer), "mean_squared_error")
    return model


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: compiled(Own(build().layers)), "it has a train_step of its own"),
        (
            lambda: build(keras.layers.BatchNormalization(synchronized=True)),
            "has synchronized=True, which towers do not",
        ),
        (lambda: compiled(build(), gradient_accumulation_steps=2), "its optimizer accumulates gradients over steps"),
        (lambda: build(Counting()), "which would each change .*calls"),
        (
            lambda: build(keras.layers.SpectralNormalization(keras.layers.Dense(2))),
            "layers change weights that are trained, .*kernel",
        ),
    ],
    ids=["own step", "synchronized", "accumulation", "raw variable", "trained weight"],
)
def test_what_replicas_are_refused_for(make, message):
    with pytest.raises(ExportError, match=f"it cannot be computed on several devices.*{message}"):
        replicated(make())


def test_weighted_examples_are_refused_for_replicas():
    with pytest.raises(ExportError, match="it cannot be computed on several devices: its examples have weights"):
        replicated(build(), layout=replace(SIMPLE, class_weight={0: 2.0}))


def test_a_step_under_xla_is_refused_for_replicas():
    with pytest.raises(ExportError, match="on several devices: XLA compiles its step"):
        step.cut_step(build(), SPECS, True, step.Cut(replicas=2), SIMPLE)


@pytest.mark.parametrize(
    ("count", "lengths"), [(8, [2, 2, 2, 2]), (5, [2, 2, 1, 0]), (3, [1, 1, 1, 0]), (1, [1, 0, 0, 0])]
)
def test_examples_of_each_replica(count, lengths):
    """They are what MirroredStrategy of TensorFlow 2.21 gave its replicas, of batches whose size is free or fixed."""
    column = tf.range(count)
    assert [high - low for low, high in replicas.ranges(column, 4)] == lengths
    free = tf.function(lambda c: replicas.ranges(c, 4), input_signature=[tf.TensorSpec([None], tf.int32)])
    assert [int(high - low) for low, high in free(column)] == lengths


def test_gradients_are_clipped_in_each_replica():
    """So does Keras under MirroredStrategy: what is added up may be longer than the limit, which one device keeps."""
    moved = {}
    batch = tf.zeros((4, 4), tf.int32), tf.constant([[9.0, 9.0]] * 2 + [[9.0, -9.0]] * 2)
    for count in (1, 2):
        model = compiled(build(), clipnorm=0.01)
        last = model.layers[-1].bias
        before = last.numpy()
        tf.function(replicated(model, count), autograph=False).get_concrete_function(*SPECS)
        step.State(model)
        train = tf.function(replicated(model, count) if count > 1 else step.training_step(model), autograph=False)
        with mock.patch.object(tf, "device", lambda name: contextlib.nullcontext()):  # there is one here
            train(*batch)
        moved[count] = np.linalg.norm(last.numpy() - before)
    assert moved[1] == pytest.approx(0.1 * 0.01, rel=1e-3)
    assert moved[2] == pytest.approx(0.1 * 0.01 * 2**0.5, rel=1e-2)
