"""TFRecord files, read side by side and parsed."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

folder = Path(tempfile.gettempdir())
paths = [folder / f"epochtime-peers-{part}.tfrecord" for part in range(4)]
random = np.random.default_rng(2)


def example(values):
    """Return a serialized example of them and their sign."""
    x = tf.train.Feature(float_list=tf.train.FloatList(value=values))
    y = tf.train.Feature(int64_list=tf.train.Int64List(value=[int(values.sum() > 0)]))
    return tf.train.Example(features=tf.train.Features(feature={"x": x, "y": y})).SerializeToString()


for path in paths:
    if not path.exists():
        with tf.io.TFRecordWriter(f"{path}.new") as writer:
            for _ in range(10_000):
                writer.write(example(random.normal(size=32).astype("float32")))
        Path(f"{path}.new").rename(path)

described = {"x": tf.io.FixedLenFeature([32], tf.float32), "y": tf.io.FixedLenFeature([], tf.int64)}


def parse(record):
    """Return (x, y) of a serialized example."""
    parsed = tf.io.parse_single_example(record, described)
    return parsed["x"], parsed["y"]


data = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
data = data.interleave(tf.data.TFRecordDataset, cycle_length=4).map(parse, num_parallel_calls=tf.data.AUTOTUNE)
data = data.batch(64).prefetch(tf.data.AUTOTUNE)

model = keras.Sequential(
    [keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2, activation="softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(data, epochs=5)
