"""What the worker says of an epoch beside what fit's progress bar and a stopwatch callback say of the same one.

    python -m pygen.tests.worker.stopwatch

Training and validation together are compared, of epochs of more than half a second. The progress bar's time is taken
before it is rounded to seconds.
"""

import json
import os
import statistics
import tempfile
from pathlib import Path

from pygen.tests.worker.launches import epochs, job, of_script

WATCH = """
import json, time
import keras
import numpy as np
import tensorflow as tf
from keras.src.utils.progbar import Progbar
said = {"bar": [], "watch": []}
update = Progbar.update
def updated(self, current, values=None, finalize=None):
    if finalize:
        said["bar"].append(time.time() - self._start)
    return update(self, current, values, finalize)
Progbar.update = updated
class Stopwatch(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.begin = time.perf_counter()
    def on_epoch_end(self, epoch, logs=None):
        said["watch"].append(time.perf_counter() - self.begin)
    def on_train_end(self, logs=None):
        json.dump(said, open("said.json", "w"))
random = np.random.default_rng(1)
x, y = random.normal(size=(ROWS, 64)).astype("float32"), random.integers(0, 10, ROWS)
layers = [keras.layers.Dense(width, activation="relu") for width in WIDTHS]
model = keras.Sequential([keras.Input((64,)), *layers, keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""
# Each script with its batch size, 0 for one that makes its batches itself.
SCRIPTS = {
    "large steps, validation": (
        128,
        "ROWS, WIDTHS = 20000, (1024, 1024)"
        + WATCH
        + "model.fit(x, y, batch_size=128, verbose=2, validation_split=0.25, callbacks=[Stopwatch()])\n",
    ),
    "many small steps, a bar that is drawn": (
        16,
        "ROWS, WIDTHS = 40000, (8,)" + WATCH + "model.fit(x, y, batch_size=16, verbose=1, callbacks=[Stopwatch()])\n",
    ),
    "batches made in Python": (
        0,
        "ROWS, WIDTHS = 12000, (64,)"
        + WATCH
        + "data = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda a, b: (tf.numpy_function(lambda v: v, [a], "
        "tf.float32), b)).map(lambda a, b: (tf.ensure_shape(a, (64,)), b)).batch(32)\n"
        "model.fit(data, verbose=2, callbacks=[Stopwatch()])\n",
    ),
}


def compare(batch, text, measured):
    """Run a script in the worker; return [(seconds of an epoch, ratio to the bar, ratio to the stopwatch)]."""
    with tempfile.TemporaryDirectory() as folder:
        found = epochs(job(of_script(folder, text), batch=batch, epochs=measured, shuffle=True))
        said = json.loads((Path(folder) / "said.json").read_text())
        os.chdir("/")
    whole = [epoch["seconds"] + epoch.get("validation_s", 0) for epoch in found]
    return [
        (seconds, seconds / bar, seconds / watch)
        for seconds, bar, watch in zip(whole, said["bar"], said["watch"], strict=True)
    ]


def main():
    """Print a line for each epoch, and the range of the ratios."""
    rows = []
    for name, (batch, text) in SCRIPTS.items():
        for number, (seconds, bar, watch) in enumerate(compare(batch, text, 4)):
            rows.append((name, number, seconds, bar, watch))
    print(f"{'script':40} {'epoch':>5} {'worker, s':>10} {'÷ bar':>8} {'÷ stopwatch':>12}")
    for name, number, seconds, bar, watch in rows:
        print(f"{name:40} {number:5} {seconds:10.3f} {bar:8.4f} {watch:12.4f}")
    counted = [row for row in rows if row[2] > 0.5]
    for what, column in (("bar", 3), ("stopwatch", 4)):
        ratios = [row[column] for row in counted]
        print(f"÷ {what}: median {statistics.median(ratios):.4f}, from {min(ratios):.4f} to {max(ratios):.4f}")


if __name__ == "__main__":
    main()
