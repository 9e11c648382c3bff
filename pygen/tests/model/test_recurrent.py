import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from pygen.model import recurrent
from pygen.tests.conftest import manifest

KINDS = [layers.SimpleRNN, layers.LSTM, layers.GRU]
FORMS = {
    "last": {},
    "every step": {"return_sequences": True},
    "states": {"return_state": True},
    "all": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "no bias": {"use_bias": False},
}


def gradients(function, variables, *inputs):
    """What a layer computes and, of a sum that weighs every number of it differently, all gradients."""

    @tf.function(autograph=False)
    def run():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            results = tf.nest.flatten(function(*inputs))
            total = tf.add_n([tf.reduce_sum(tf.sin(3 * r + i)) for i, r in enumerate(results)])
        return results, tape.gradient(total, [*inputs, *variables])

    return tf.nest.map_structure(lambda t: t.numpy(), run())


def assert_alike(fused, plain):
    for ours, theirs in zip(tf.nest.flatten(fused), tf.nest.flatten(plain), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_kerass(kind, form):
    keras.utils.set_random_seed(3)
    layer = kind(4, bias_initializer="uniform", **FORMS[form])
    x = tf.random.normal((5, 6, 3))
    layer(x)  # makes its variables
    variables = [v.value for v in layer.trainable_variables]
    plain = gradients(layer, variables, x)
    with recurrent.fused() as outcome:
        fused = gradients(layer, variables, x)
    assert outcome == {layer.name: None}
    assert_alike(fused, plain)


@pytest.mark.parametrize("kind", KINDS)
def test_initial_states(kind):
    keras.utils.set_random_seed(4)
    layer = kind(4, return_sequences=True)
    x, states = tf.random.normal((2, 3, 3)), [tf.random.normal((2, 4)) for _ in range(2 if kind is layers.LSTM else 1)]
    call = lambda x, *states: layer(x, initial_state=list(states))  # noqa: E731
    plain = gradients(call, [], x, *states)
    with recurrent.fused():
        fused = gradients(call, [], x, *states)
    assert_alike(fused, plain)


@pytest.mark.parametrize(
    ("layer", "masked", "reason"),
    [
        (layers.LSTM(2), True, "it masks steps"),
        (layers.SimpleRNN(2, dropout=0.5), False, "it drops out inputs or states"),
        (layers.GRU(2, recurrent_dropout=0.5), False, "it drops out inputs or states"),
        (layers.SimpleRNN(2, activation="relu"), False, "its activation is not tanh"),
        (layers.LSTM(2, recurrent_activation="hard_sigmoid"), False, "its recurrent activation is not sigmoid"),
        (layers.GRU(2, reset_after=False), False, "its reset gate acts before the product"),
        (layers.GRU(2, dtype="float64"), False, "it does not compute in float32"),
    ],
)
def test_layers_that_stay_kerass_own(layer, masked, reason):
    x, mask = tf.random.normal((2, 3, 2)), tf.constant([[True, True, False], [True, False, False]]) if masked else None
    plain = layer(x, mask=mask)
    with recurrent.fused() as outcome:
        fused = layer(x, mask=mask)
    assert outcome == {layer.name: reason}
    np.testing.assert_array_equal(fused, plain)


def test_fused_exports(variants):
    described = manifest(variants / "gru-fused")
    assert described["variant"]["fused"] is True
    assert "fused" not in manifest(variants / "rnn-jit")["variant"]
    # The loops are compiled, the rest of the step is not.
    assert b"_XlaMustCompile" in (variants / "gru-fused" / "saved_model.pb").read_bytes()
    assert described["variant"]["jit"] is False
