"""A plain loop round a tf.function step trains as fit does, without metrics, callbacks and validation."""

import numpy as np
import pytest

from pygen.tests.worker.launches import MODEL, epochs, job, launched, of_script, refused

FIT = "model.fit(x, y, batch_size=10, verbose=0, class_weight=None)"
OWN = """
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
    def call(self, x):
        return self.dense(x)
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
        self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        return {"loss": loss}
model = Own()
model.compile("sgd")
"""
SCRIPTS = {
    "arrays": "model = new()\n" + FIT,
    "weighted": "model = new()\nmodel.fit(x, y, sample_weight=np.arange(64.0), batch_size=10, verbose=0)",
    "classes": "model = new(loss=keras.losses.BinaryCrossentropy(from_logits=True))\ny = (y > 0).astype('int32')\n"
    + FIT.replace("None", "{0: 1.0, 1: 4.0}"),
    "adam, regularized": "model = new(keras.layers.Dense(8, kernel_regularizer='l2'), optimizer='adam')\n" + FIT,
    "data set": "model = new()\nmodel.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(10), verbose=0)",
    "two inputs": "a, b = keras.Input((2,), name='a'), keras.Input((2,), name='b')\n"
    "model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.concatenate([a, b])))\n"
    "model.compile('sgd', 'mse')\nmodel.fit({'a': x[:, :2], 'b': x[:, 2:]}, y, batch_size=10, verbose=0)",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_it_trains_as_fit_does(folder, text):
    of_script(folder, MODEL + text)
    batch = 0 if "Dataset" in text else 10
    fit, loop = (epochs(job(folder, runtime, batch=batch, epochs=2)) for runtime in ("fit", "tf-function"))
    assert [epoch["loss"] for epoch in loop] == pytest.approx([epoch["loss"] for epoch in fit], rel=1e-4)
    for epoch in loop:
        assert (epoch["steps"], epoch["samples"], epoch["metrics"], epoch["callbacks_s"]) == (7, 64, {}, 0)
        parts = epoch["wait_s"] + epoch["step_s"] + epoch["callbacks_s"] + epoch["other_s"]
        assert parts == pytest.approx(epoch["seconds"], abs=1e-6)


def test_a_step_of_its_own(folder):
    of_script(folder, MODEL + OWN + FIT)
    losses = [epoch["loss"] for epoch in epochs(job(folder, "tf-function", epochs=3))]
    assert losses == sorted(losses, reverse=True) and np.all(np.diff(losses) < 0)


def test_examples_are_shuffled_anew_in_each_epoch(folder):
    """The model is built anew, so that one epoch in order has one loss, and in other orders others."""
    of_script(folder, MODEL + SCRIPTS["arrays"])
    runs = [
        epochs(job(folder, "tf-function", shuffle=on, seed=seed)) for on, seed in ((False, 1), (True, 1), (True, 2))
    ]
    assert len({run[0]["loss"] for run in runs}) == 3
    assert epochs(job(folder, "tf-function", shuffle=True, seed=2))[0]["loss"] == runs[2][0]["loss"]


def test_an_epoch_of_some_steps_goes_on_where_the_last_has_ended(folder):
    text = "model = new()\nmodel.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(10), steps_per_epoch=3, epochs=2)"
    of_script(folder, MODEL + text)
    assert [e["samples"] for e in epochs(job(folder, "tf-function", batch=0, epochs=2))] == [30, 30, 4]


@pytest.mark.parametrize("pipeline", ["", "memory"])
def test_batches_that_threads_of_keras_make(folder, pipeline):
    """They are stopped after each epoch, as in fit: the next one would wait for them without an end."""
    text = """
class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4
    def __getitem__(self, number):
        return x[number * 16 : number * 16 + 16], y[number * 16 : number * 16 + 16]
new().fit(Batches(workers=2), shuffle=False, verbose=0)
"""
    of_script(folder, MODEL + text)
    fit, loop = (epochs(job(folder, runtime, pipeline=pipeline, epochs=2)) for runtime in ("fit", "tf-function"))
    assert [epoch["samples"] for epoch in loop] == [epoch["samples"] for epoch in fit] == [64] * 3
    assert [epoch["loss"] for epoch in loop] == pytest.approx([epoch["loss"] for epoch in fit], rel=1e-4)


def test_data_without_an_end(folder):
    text = "model = new()\nmodel.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(10).repeat())"
    assert "has no end" in refused(job(of_script(folder, MODEL + text), "tf-function", batch=0)).message


def test_a_loss_that_is_not_finite(folder):
    of_script(folder, MODEL + "y[3] = np.nan\n" + SCRIPTS["arrays"])
    found, failure = launched(job(folder, "tf-function"))
    assert failure.code == "nonfinite" and "epoch" not in found
