"""`for batch in dataset: step(batch)` in Python, with the step that is exported of a script's fit.

`python -m pygen.peers.pipelines.loop SCRIPT EPOCHS` prints the seconds of each epoch after the warm-up, as JSON.
"""

import runpy
import sys
import time
from unittest import mock

import keras
import tensorflow as tf

from pygen.peers import work as peers
from pygen.training.step import build_optimizer, training_step


class _Done(BaseException):
    """The script's fit has been timed."""


def main(script, epochs):
    """Measure."""
    found = {}

    def fit(model, data, **_):
        found["seconds"] = measure(model, data, int(epochs))
        raise _Done

    keras.utils.set_random_seed(1)
    with mock.patch.object(keras.Model, "fit", fit):
        try:
            runpy.run_path(script, run_name="__main__")
        except _Done:
            peers.tell(found, keras=keras.__version__, tensorflow=tf.__version__)
            return
    sys.exit(f"{script} calls no fit")


def measure(model, data, epochs):
    """Return the seconds of each epoch after the warm-up."""
    build_optimizer(model)
    step = tf.function(training_step(model), input_signature=list(data.element_spec), autograph=False)
    seconds = []
    for _ in range(peers.WARMUP + epochs):
        before = time.perf_counter()
        for batch in data:
            loss = step(*batch)["loss"]
        float(loss)
        seconds.append(time.perf_counter() - before)
    return seconds[peers.WARMUP :]


if __name__ == "__main__":
    main(*sys.argv[1:])
