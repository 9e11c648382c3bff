"""Loops of a script's own are recognised at their first step, and everything that is none is left alone."""

import contextlib

import numpy as np
import pytest

from pygen.author import loops
from pygen.author.loops import Collected, Refusal
from pygen.author.notices import Notices


class Own:
    """Whether the exporter's own code runs, as the capture of fit(...) says it."""

    def __init__(self):
        self.running = False

    def __call__(self):
        return self.running

    @contextlib.contextmanager
    def now(self):
        self.running = True
        yield
        self.running = False


@pytest.fixture
def tools():
    import keras
    import tensorflow as tf

    return keras, tf


@pytest.fixture
def own():
    return Own()


X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def dense(keras, **compiling):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **compiling)
    return model


def refused(own, script, **options):
    """Run a script that must be refused; returns the message."""
    with pytest.raises(Refusal) as raised, loops.watching(own, **options):
        try:
            script()
        except Exception as error:
            raise AssertionError("scripts catch these") from error
    return str(raised.value)


def loop(keras, tf, how, ran):
    """A loop as people write it, which notes its steps in `ran`."""
    model, optimizer = dense(keras), keras.optimizers.Adam(0.01)
    plain = tf.Variable(tf.zeros((4, 1)))

    def step(x, y):
        with tf.GradientTape() as tape:
            predicted = x @ plain if "plain" in how else model(x, training=True)
            loss = tf.reduce_mean((predicted - y) ** 2)
        weights = [plain] if "plain" in how else model.trainable_weights
        gradients = tape.gradient(loss, weights)
        if "hand" in how:
            for weight, gradient in zip(weights, gradients):  # noqa: B905
                if "assign" in how:
                    weight.assign(weight - 0.1 * gradient)
                else:
                    weight.assign_sub(0.1 * gradient)
        elif "apply_gradients" in how:
            optimizer.apply_gradients(zip(gradients, weights))  # noqa: B905
        else:
            optimizer.apply(gradients, weights)
        if "function" not in how:
            ran.append(1)
        return loss

    step = tf.function(step) if "function" in how else step

    def run():
        before = [w.numpy() for w in [*model.weights, plain]]
        try:
            for x, y in tf.data.Dataset.from_tensor_slices((X, Y)).batch(16):
                ran.append(float(step(x, y)))
        finally:
            for weight, value in zip([*model.weights, plain], before, strict=True):
                np.testing.assert_array_equal(weight.numpy(), value)

    return run


@pytest.mark.parametrize("how", ["", "hand", "hand assign", "apply_gradients", "plain hand", "plain apply_gradients"])
@pytest.mark.parametrize("function", ["", " function"])
def test_a_loop_is_refused_at_its_first_step(tools, own, how, function):
    ran = []
    told = refused(own, loop(*tools, how + function, ran))
    assert ran == []
    assert told.startswith("it trains in a loop of its own, not by fit(...): ")
    assert ("by hand" in told) == ("hand" in how)
    assert "def step(x, y):" in told and "def data():" in told


def test_a_refusal_that_a_script_swallows(tools, own):
    run = loop(*tools, "apply_gradients", [])
    with loops.watching(own) as watched, contextlib.suppress(Refusal):
        run()
    assert "loop of its own" in str(watched.refusal)


def test_other_optimizers(tools, own):
    keras, tf = tools
    variable = tf.Variable(1.0)
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    assert "optimizer" in refused(own, lambda: scaled.apply([tf.ones(())], [variable]))
    old = tf.compat.v1.train.GradientDescentOptimizer(0.1)
    assert "optimizer" in refused(own, lambda: old.apply_gradients([(tf.ones(()), variable)]))


def test_a_fit_of_ones_own(tools, own):
    keras, tf = tools

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.layers.Dense(1)

        def call(self, x):
            return self.inner(x)

        def fit(self, x, y):
            for _ in range(3):
                self.train_step((x, y))

    model = Model()
    model.compile("sgd", "mse")
    model(X)
    assert "loop of its own" in refused(own, lambda: model.fit(X, Y))


def test_a_train_function_of_ones_own(tools, tmp_path):
    keras, _ = tools
    (tmp_path / "a.py").write_text("lambda iterator: {}")
    theirs = eval(compile("lambda iterator: {}", tmp_path / "a.py", "eval"))

    class Model(keras.Sequential):
        def make_train_function(self, force=False):
            self.train_function = lambda iterator: {"loss": 0.0}

    for model in (Model([keras.layers.Dense(1)]), dense(keras)):
        if type(model) is keras.Sequential:
            loops.refuse_own_function(model)
            model.make_train_function()
            loops.refuse_own_function(model)
            model.train_function = theirs
        with pytest.raises(Refusal, match="train_function of its own"):
            loops.refuse_own_function(model)


def test_what_is_no_training(tools, own):
    keras, tf = tools
    model = dense(keras)
    with loops.watching(own) as watched:
        with tf.GradientTape() as tape:  # as Grad-CAM does
            x = tf.Variable(X)
            tape.watch(x)
            out = model(x)
        tape.gradient(out, [x, *model.trainable_weights])
        model.set_weights(model.get_weights())
        model.weights[0].value.read_value()
        model.predict_on_batch(X)
        model.test_on_batch(X, Y)
        counter = tf.Variable(0)
        counter.assign_add(1)
        keras.layers.BatchNormalization()(X, training=True)
        with own.now():
            model.train_on_batch(X, Y)
            model.fit(X, Y, verbose=0)
    assert watched.batches is None
    model.fit(X, Y, verbose=0)


def test_train_on_batch_needs_the_number_of_steps(tools, own):
    model = dense(tools[0])
    before = model.get_weights()
    told = refused(own, lambda: model.train_on_batch(X, Y))
    assert "--steps-per-epoch N" in told
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@pytest.mark.parametrize("metrics", [[], ["mae"]])
@pytest.mark.parametrize("return_dict", [False, True])
def test_train_on_batch_is_answered_untrained(tools, own, metrics, return_dict):
    keras, _ = tools
    model, real = dense(keras, metrics=metrics), dense(keras, metrics=metrics)
    real.set_weights(before := model.get_weights())
    answers, buffer = [], np.empty((16, 4), "float32")
    with pytest.raises(Collected) as raised, loops.watching(own, steps_per_epoch=3):
        for _ in range(2):
            for start in range(0, 64, 16):
                buffer[:] = X[start : start + 16]  # which the next batch overwrites
                answers.append(model.train_on_batch(buffer, Y[start : start + 16], return_dict=return_dict))
    wanted = real.train_on_batch(X[:16], Y[:16], return_dict=return_dict)
    assert len(answers) == 2
    assert type(answers[0]) is type(wanted)
    flat = [np.float32(v) for v in keras.tree.flatten(answers[0])]
    np.testing.assert_allclose(flat, [np.float32(v) for v in keras.tree.flatten(wanted)], rtol=1e-5)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    found = raised.value.batches
    assert found.model is model
    np.testing.assert_array_equal(np.concatenate([x for x, _, _ in found.batches]), X[:48])
    assert [weight for _, _, weight in found.batches] == [None] * 3


def test_fewer_calls_than_steps(tools, own):
    model = dense(tools[0])
    with loops.watching(own, steps_per_epoch=3) as watched:
        model.train_on_batch({"a": X}["a"], Y, class_weight=None, sample_weight=np.ones(64))
    assert len(watched.batches.batches) == 1
    assert watched.batches.batches[0][2].shape == (64,)


def test_several_models_in_turn(tools, own):
    one, other = dense(tools[0]), dense(tools[0])

    def script():
        one.train_on_batch(X, Y)
        other.train_on_batch(X, Y)

    assert "several models in turn" in refused(own, script, steps_per_epoch=3)


def test_too_much_to_keep(tools, own, monkeypatch):
    monkeypatch.setattr(loops, "MOST_BYTES", 2000)
    model = dense(tools[0])

    def script():
        for _ in range(3):
            model.train_on_batch(X, Y)

    assert "after 2 of 3 batches" in refused(own, script, steps_per_epoch=3)


def test_a_step_that_cannot_be_tested(tools, own):
    keras, _ = tools

    class Model(keras.Sequential):
        def test_step(self, data):
            raise ValueError("none")

    model = Model([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with loops.watching(own, steps_per_epoch=3):
        assert model.train_on_batch(X, Y) == 0
        assert model.train_on_batch(X, Y, return_dict=True) == {"loss": 0}


@pytest.mark.parametrize("name", ["MirroredStrategy", "experimental.CentralStorageStrategy"])
def test_strategies(tools, own, name):
    keras, tf = tools

    def make():
        owner = tf.distribute.experimental if "." in name else tf.distribute
        return getattr(owner, name.split(".")[-1])(), getattr(owner, name.split(".")[-1])

    assert "--one-replica" in refused(own, make)
    notices = Notices()
    with loops.watching(own, one_replica=True, notices=notices):
        strategy, _ = make()
        with strategy.scope():
            dense(keras)
        assert strategy.num_replicas_in_sync == 1
    assert [notice["about"] for notice in notices] == ["strategy"]


def test_one_device(tools, own):
    _, tf = tools
    with loops.watching(own) as watched:
        assert tf.distribute.OneDeviceStrategy("/gpu:0") is tf.distribute.get_strategy()
    assert watched.notices == []


def test_tensorflow_1(tools, own):
    _, tf = tools
    assert "TensorFlow 1" in refused(own, lambda: tf.compat.v1.disable_eager_execution())
    assert "TensorFlow 1" in refused(own, lambda: tf.compat.v1.disable_v2_behavior())
    assert tf.executing_eagerly()
