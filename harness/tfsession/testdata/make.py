"""Makes the small SavedModels of this folder: PYTHONPATH=. python harness/tfsession/testdata/make.py (needs TensorFlow).

keeps/ assigns its input to a variable, so that the variable shares the fed memory;
words/ assigns words of its input to a variable, and tells whether that holds what a second input says;
layers/ has a preprocess signature: it looks words up in a table, and draws numbers from a variable's state;
dtypes/ takes one input of every type and returns the sum of all elements, also of data that stays on the device.
"""

import shutil
from pathlib import Path

import tensorflow as tf

from pygen.training import resident

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


class Words(tf.Module):
    """loss is 1 where the variable holds the words of want; then it takes those of x, in reverse."""

    def __init__(self):
        self.kept = tf.Variable(["", ""])

    @tf.function(input_signature=[tf.TensorSpec([2], tf.string, name="x"), tf.TensorSpec([2], tf.string, name="want")])
    def train(self, x, want):
        same = tf.reduce_all(tf.equal(self.kept, want))
        with tf.control_dependencies([same]):
            self.kept.assign(tf.gather(x, [1, 0]))
        return {"loss": tf.cast(same, tf.float32)}


WORDS = ["apple", "a word too long to be stored in place", "cherry"]


class Layers(tf.Module):
    """preprocess makes tokens, three an example, and draw, which counts the calls; loss tells them apart."""

    def __init__(self):
        keys = tf.lookup.KeyValueTensorInitializer(WORDS, tf.constant([1, 2, 3], tf.int64))
        self.table = tf.lookup.StaticHashTable(keys, 0)
        self.calls = tf.Variable(0.0)
        self.steps = tf.Variable(0.0)

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="text"), tf.TensorSpec([None, None], tf.float32, name="shift")]
    )
    def preprocess(self, text, shift):
        words = tf.strings.split(text, ",").to_tensor(shape=[None, 3])
        drawn = self.calls.assign_add(1.0)
        return {"tokens": self.table.lookup(words), "draw": drawn + shift, "same": shift}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.int64, name="tokens"),
            tf.TensorSpec([None, None], tf.float32, name="draw"),
            tf.TensorSpec([None, None], tf.float32, name="same"),
            tf.TensorSpec([None], tf.float32, name="y"),
        ]
    )
    def train(self, tokens, draw, same, y):
        self.steps.assign_add(1.0)
        tokens = tf.reduce_sum(tf.cast(tokens, tf.float32) * [100.0, 10.0, 1.0])
        return {"loss": tokens * 1000.0 + tf.reduce_sum(draw) * 10.0 + tf.reduce_sum(same - draw) + tf.reduce_sum(y)}


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


keeps, types, words, layers = Keeps(), Types(), Words(), Layers()
for name, module, signatures in (
    ("keeps", keeps, {"train": keeps.train}),
    ("words", words, {"train": words.train}),
    ("layers", layers, {"train": layers.train, "preprocess": layers.preprocess}),
    ("dtypes", types, {"train": types.train, **resident.signatures(types.train, SPECS)}),
):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / "fingerprint.pb").unlink()
    (folder / "assets").rmdir()
