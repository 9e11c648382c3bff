"""TFRecord files that the pipeline reads and parses, several at a time."""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir())
paths = [folder / f"epochtime-test-{part}.tfrecord" for part in range(2)]
random = np.random.default_rng(5)


def example(values):
    features = {
        "x": tf.train.Feature(float_list=tf.train.FloatList(value=values)),
        "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(values.sum() > 0)])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


for path in paths:
    if not path.exists():
        with tf.io.TFRecordWriter(str(path)) as writer:
            for _ in range(20):
                writer.write(example(random.normal(size=4).astype("float32")))

described = {
    "x": tf.io.FixedLenFeature([4], tf.float32),
    "y": tf.io.FixedLenFeature([], tf.int64),
}


def parse(record):
    parsed = tf.io.parse_single_example(record, described)
    return parsed["x"], parsed["y"]


files = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
data = files.interleave(tf.data.TFRecordDataset, cycle_length=2).map(parse).batch(8)

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(data, epochs=2)
