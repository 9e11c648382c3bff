"""Keras's own fit of a script: what is told is what fit says, and the job changes what it names."""

import json
import re

import pytest

from pygen.tests.worker.launches import MODEL, epochs, job, launched, of_script, refused

TOLD = """
import json
class Tell(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        open("told.json", "a").write(json.dumps({"epoch": epoch} | logs) + "\\n")
"""
WHOLE = (
    MODEL
    + TOLD
    + """
keras.utils.set_random_seed(7)
model = new(metrics=["mae"])
model.fit(x, y, batch_size=10, epochs=9, initial_epoch=5, validation_split=0.25, verbose=0, callbacks=[Tell()])
open("after.txt", "w")
"""
)


def told(folder):
    file = folder / "told.json"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_what_is_told_is_what_fit_says(folder):
    found, failure = launched(job(of_script(folder, WHOLE), epochs=2, batch=10))
    assert failure is None
    (loaded,) = found["loaded"]
    resolved = loaded["resolved"]
    assert (resolved["samples"], resolved["batch"], resolved["steps"], resolved["pipeline"]) == (48, 10, 5, "")
    assert resolved["device"] == "cpu" and resolved["intra_op"] > 0 and not resolved["jit"]
    said = told(folder)
    assert [each.pop("epoch") for each in said] == [5, 6, 7]
    for index, (epoch, logs) in enumerate(zip(found["epoch"], said, strict=True)):
        assert (epoch["index"], epoch["warmup"]) == (index, index == 0)
        assert (epoch["steps"], epoch["samples"]) == (5, 48)
        assert (epoch["validation_steps"], epoch["validation_samples"]) == (2, 16)
        assert {"loss": epoch["loss"]} | epoch["metrics"] == logs
    assert not (folder / "after.txt").exists(), "the script ends with its fit"
    ends = [epoch["start_s"] + epoch["seconds"] + epoch["validation_s"] for epoch in found["epoch"]]
    assert all(end <= epoch["start_s"] for end, epoch in zip(ends, found["epoch"][1:], strict=False))
    (memory,) = found["memory"]
    assert memory["around_s"] > 0  # fit does something before its first epoch
    assert memory["memory"]["peak_rss_bytes"] >= found["epoch"][-1]["rss_bytes"] > 0


def test_what_is_left_out(folder):
    asked = job(of_script(folder, WHOLE), validation="none", callbacks="none", metrics="none", batch=0, samples=40)
    for epoch in epochs(asked):
        assert epoch["metrics"] == {} and "validation_s" not in epoch
        assert (epoch["steps"], epoch["samples"]) == (1, 40)
    assert told(folder) == []


def test_several_steps_in_a_call_train_the_same(folder):
    losses = [
        [epoch["loss"] for epoch in epochs(job(of_script(folder, WHOLE), batch=10, steps_per_execution=count))]
        for count in (0, 3)
    ]
    assert losses[0] == pytest.approx(losses[1])
    (folder / "told.json").unlink()
    assert [e["steps"] for e in epochs(job(folder, batch=10, steps_per_execution=3))] == [5, 5]


def test_xla(folder):
    found, failure = launched(job(of_script(folder, WHOLE), batch=16, compile="on"))
    assert failure is None and found["loaded"][0]["resolved"]["jit"]


PHASES = (
    MODEL
    + """
for width in (8, 16):
    model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for _ in range(2):
        history = model.fit(x, y, batch_size=16, epochs=3, verbose=0)
        assert len(history.history["loss"]) == 3 and len(model.predict(x, verbose=0)) == 64
model.compile("adam", "mse")
model.fit(x[:32], y[:32], batch_size=8, steps_per_epoch=3, epochs=2, verbose=0)
"""
)


@pytest.mark.parametrize(
    ("phase", "batches"), [(2, [(4, 64), (4, 64)]), (3, [(3, 24), (1, 8)])], ids=["in a loop", "another data"]
)
def test_phases_have_the_numbers_of_the_export(folder, phase, batches):
    """The last one takes three steps of a pass of four, and Keras ends the second epoch where the pass ends."""
    settings = {"samples": 24 if phase == 3 else 64, "batch": 8 if phase == 3 else 16}
    found, failure = launched(job(of_script(folder, PHASES, phase, settings=settings), batch=0 if phase == 3 else 16))
    assert failure is None, failure
    assert [(epoch["steps"], epoch["samples"]) for epoch in found["epoch"]] == batches
    assert found["loaded"][0]["resolved"]["pipeline"] == ("script" if phase == 3 else "")


DRAWN = (
    MODEL
    + """
def batches():
    open("passes.txt", "a").write("x")
    for start in range(0, 60, 16):
        yield x[start : min(start + 16, 60)], y[start : min(start + 16, 60)]
specs = tf.TensorSpec((None, 4), "float32"), tf.TensorSpec((None, 1), "float32")
model = new(metrics=["mae"])
model.fit(tf.data.Dataset.from_generator(batches, output_signature=specs), epochs=1, verbose=0)
"""
)


def test_batches_that_the_script_makes(folder):
    found, failure = launched(job(of_script(folder, DRAWN)))
    assert failure is None
    resolved = found["loaded"][0]["resolved"]
    assert (resolved["samples"], resolved["steps"], resolved["pipeline"]) == (0, 0, "script")
    assert [(epoch["steps"], epoch["samples"]) for epoch in found["epoch"]] == [(4, 60)] * 2
    assert (folder / "passes.txt").read_text() == "xx"


@pytest.mark.parametrize("runtime", ["fit", "tf-function"])
def test_batches_in_memory_are_drawn_once(folder, runtime):
    found, failure = launched(job(of_script(folder, DRAWN), runtime, pipeline="memory", epochs=3))
    assert failure is None
    resolved = found["loaded"][0]["resolved"]
    assert (resolved["samples"], resolved["batch"], resolved["steps"], resolved["pipeline"]) == (60, 16, 4, "memory")
    assert [epoch["samples"] for epoch in found["epoch"]] == [60] * 4
    assert (folder / "passes.txt").read_text() == "x"


@pytest.mark.parametrize("text", [DRAWN, WHOLE], ids=["drawn", "arrays"])
def test_no_step(folder, text):
    """Batches are drawn, and the weights stay as they are: so does the loss of validation."""
    (folder / "passes.txt").write_text("")
    found = epochs(job(of_script(folder, text), batch=0 if text is DRAWN else 10, step="none", epochs=2))
    assert [epoch["loss"] for epoch in found] == [0, 0, 0]
    assert len({epoch["metrics"].get("val_loss") for epoch in found}) == 1
    assert [epoch["steps"] for epoch in found] == [4 if text is DRAWN else 5] * 3
    assert (folder / "passes.txt").read_text() == ("xxx" if text is DRAWN else "")


FIT = "new().fit(x, y, batch_size=16, verbose=0"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("if True:\n    raise OSError('no data')\n", r"train.py fails .*OSError: no data, at train.py:\d+: raise"),
        ("raise SystemExit(3)\n", "train.py fails .*it ends by itself, with exit code 3"),
        ("", "has called 0 different fits and ended; the graph is of number 1"),
        (FIT + ", callbacks=[keras.callbacks.EarlyStopping(patience=0, monitor='loss', mode='max')])", "stops in its"),
        (FIT + ", callbacks=[keras.callbacks.TerminateOnNaN(), 7])", "fit cannot train it"),
        ("new().fit(x, y[:9], batch_size=16)", "fit cannot train it: "),
        ("try:\n    new().fit(x, 'no')\nexcept BaseException:\n    pass\n", "fit cannot train it: "),
    ],
    ids=["fails", "exits", "not met", "stops early", "bad callback", "bad data", "swallows"],
)
def test_a_script_that_cannot_be_trained(folder, text, reason):
    failure = refused(job(of_script(folder, MODEL + text), epochs=4))
    assert failure.code == "job"
    assert re.search(reason, failure.message), failure.message


def test_a_callback_that_stops_within_the_last_epoch(folder):
    text = """
class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch == 1 and self.model.optimizer.iterations > 4
"""
    failure = refused(job(of_script(folder, MODEL + text + FIT + ", callbacks=[Stop()])")))
    assert failure.message == "fit stops in its epoch 2 of 2, as its callbacks may ask (Stop)"
    assert failure.hint == "ask for fewer epochs, or leave the callbacks out"


def test_a_loss_that_is_not_finite(folder):
    text = MODEL + "y[0] = np.inf\n" + FIT + ")"
    assert refused(job(of_script(folder, text))).code == "nonfinite"


def test_an_error_after_an_epoch_is_no_fault_of_the_job(folder):
    text = """
class Fail(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise OSError("disk full")
"""
    found, failure = launched(job(of_script(folder, MODEL + text + FIT + ", callbacks=[Fail()])")))
    assert failure.code == "step" and "disk full" in failure.message and len(found["epoch"]) == 1


@pytest.mark.parametrize("call", ["step", "train_on_batch"])
def test_a_loop_of_its_own_is_no_fit(folder, call):
    failure = refused(job(of_script(folder, MODEL, call=call)))
    assert failure.code == "job" and f"train.py trains by {call}(...), line 9, and not by fit(...)" in failure.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"samples": 100}, "has 64 examples, and 100"), ({"runtime": "peer"}, "no runtime 'peer'")],
)
def test_a_job_that_the_script_cannot_do(folder, change, reason):
    failure = refused(job(of_script(folder, MODEL + FIT + ")"), **change))
    assert failure.code == "job" and reason in failure.message


def test_batches_of_a_script_are_its_own(folder):
    failure = refused(job(of_script(folder, DRAWN), batch=7))
    assert "the script makes its own batches: batch cannot be 7" in failure.message


def test_data_without_an_end_in_memory(folder):
    text = DRAWN.replace("specs), epochs", "specs).repeat(), epochs")
    failure = refused(job(of_script(folder, text), pipeline="memory"))
    assert "has no end" in failure.message
