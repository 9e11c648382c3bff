"""Keras `fit` on NumPy arrays: `python -m pygen.peers.keras_fit WORK [--jit]`.

Sequences are padded once, before `fit`, as Keras's guides do it.
"""

import sys
import time

import keras
import tensorflow as tf

from pygen.peers import keras_model
from pygen.peers import work as peers


class Clock(keras.callbacks.Callback):
    """Takes the time of every epoch, and its loss, from within `fit`."""

    def __init__(self):
        """Start with no epochs."""
        super().__init__()
        self.seconds, self.losses, self.start = [], [], None

    def on_epoch_begin(self, epoch, logs=None):
        """Start the epoch's clock."""
        if epoch == peers.WARMUP:
            self.start = peers.since_start()
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stop the epoch's clock once its loss is there."""
        self.losses.append(float(logs["loss"]))
        self.seconds.append(time.perf_counter() - self.before)


def main(folder, *flags):
    """Measure."""
    work = peers.Work(folder)
    model = keras_model.build(work)
    if "--jit" in flags:
        model.jit_compile = True  # as compile(jit_compile=True) sets it
    x = keras.utils.pad_sequences(work.x, padding="post") if work.sequences else work.x
    clock = Clock()
    epochs = peers.WARMUP + work.epochs
    model.fit(x, work.y, work.batch, epochs, verbose=0, callbacks=[clock], shuffle=False)
    result = {"seconds": clock.seconds[peers.WARMUP :], "losses": clock.losses, "start_s": clock.start}
    peers.tell(result, keras=keras.__version__, tensorflow=tf.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
