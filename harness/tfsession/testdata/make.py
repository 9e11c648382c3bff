"""Makes the small SavedModels of this folder: PYTHONPATH=. python harness/tfsession/testdata/make.py (needs TensorFlow).

keeps/ assigns its input to a variable, so that the variable shares the fed memory;
dtypes/ takes one input of every type and returns the sum of all elements, also of data that stays on the device.
"""

import shutil
from pathlib import Path

import tensorflow as tf

from pygen import resident

HERE = Path(__file__).parent
TYPES = ["float16", "bfloat16", "float32", "float64", "bool"]
TYPES += [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]


class Keeps(tf.Module):
    """loss is the sum of what the variable held before, then it takes the input."""

    def __init__(self):
        self.kept = tf.Variable(tf.zeros([4]), shape=[4])

    @tf.function(input_signature=[tf.TensorSpec([4], tf.float32, name="x"), tf.TensorSpec([None], tf.float32, name="y")])
    def train(self, x, y):
        before = tf.reduce_sum(self.kept)
        with tf.control_dependencies([before]):
            self.kept.assign(x)
        return {"loss": before + 0.0 * tf.reduce_sum(y)}


SPECS = [tf.TensorSpec([None], t, name=t) for t in [*TYPES, "string"]]


class Types(tf.Module):
    """loss is the sum over all inputs; a string counts as its length in bytes."""

    def __init__(self):
        self.steps = tf.Variable(0.0)

    @tf.function(input_signature=SPECS)
    def train(self, *inputs):
        total = tf.reduce_sum(tf.cast(tf.strings.length(inputs[-1]), tf.float32))
        for x in inputs[:-1]:
            total += tf.reduce_sum(tf.cast(x, tf.float32))
        self.steps.assign_add(1.0)
        return {"loss": total}


keeps, types = Keeps(), Types()
for name, module, signatures in (
    ("keeps", keeps, {"train": keeps.train}),
    ("dtypes", types, {"train": types.train, **resident.signatures(types.train, SPECS)}),
):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / "fingerprint.pb").unlink()
    (folder / "assets").rmdir()
