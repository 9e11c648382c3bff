"""A few data sets of tensorflow_datasets, small, read from a TFRecord file as the real package does."""

import re
from pathlib import Path
from types import SimpleNamespace

import tensorflow as tf

from corpus_data import images

FOLDER = Path.home() / "tensorflow_datasets"
LABELS = {
    "tf_flowers": ["dandelion", "daisy", "tulips", "sunflowers", "roses"],
    "cats_vs_dogs": ["cat", "dog"],
    "oxford_flowers102": [f"flower{i}" for i in range(102)],
}
EXAMPLES = {"tf_flowers": {"train": 200}, "cats_vs_dogs": {"train": 250}}
EXAMPLES["oxford_flowers102"] = {"train": 120, "validation": 120, "test": 120}
SLICE = re.compile(r"(\w+)(?:\[(\d+)?(%)?:(\d+)?(%)?\])?$")


def disable_progress_bar():
    """Do nothing: there is no bar."""


def load(name, split=None, as_supervised=False, with_info=False, batch_size=None, **_):
    """Return a data set of images, or the nest of them that `split` asks for, and with `with_info` its description."""
    base = name.split("/")[0]
    splits = _map(lambda s: _read(base, s, as_supervised, batch_size), list(EXAMPLES[base]) if split is None else split)
    if split is None:
        splits = dict(zip(EXAMPLES[base], splits, strict=True))
    return (splits, _info(base)) if with_info else splits


def _map(function, splits):
    return [function(s) for s in splits] if isinstance(splits, (list, tuple)) else function(splits)


def _read(base, split, as_supervised, batch_size):
    first, *others = [_part(base, part) for part in split.split("+")]
    for other in others:
        first = first.concatenate(other)
    data = first.map(_parse, num_parallel_calls=tf.data.AUTOTUNE)
    if as_supervised:
        data = data.map(lambda example: (example["image"], example["label"]))
    return data.batch(batch_size) if batch_size else data


def _part(base, split):
    name, start, start_share, stop, stop_share = SLICE.match(split).groups()
    count = EXAMPLES[base][name]
    first = _edge(start, start_share, count, 0)
    last = _edge(stop, stop_share, count, count)
    data = tf.data.TFRecordDataset(str(_file(base, name))).skip(first).take(last - first)
    return data.apply(tf.data.experimental.assert_cardinality(last - first))


def _edge(text, share, count, default):
    if text is None:
        return default
    return round(int(text) * count / 100) if share else int(text)


def _parse(record):
    features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    example = tf.io.parse_single_example(record, features)
    return {"image": tf.io.decode_jpeg(example["image"], 3), "label": example["label"]}


def _file(base, name):
    path = FOLDER / base / f"{name}.tfrecord"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tf.io.TFRecordWriter(str(path)) as writer:
            for i, jpeg in enumerate(images.encoded("jpeg", EXAMPLES[base][name], (240, 320), seed=len(name))):
                features = {
                    "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[jpeg])),
                    "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[i % len(LABELS[base])])),
                }
                writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    return path


def _info(base):
    names = LABELS[base]
    label = SimpleNamespace(num_classes=len(names), names=names, int2str=lambda i: names[int(i)])
    splits = {name: SimpleNamespace(num_examples=count) for name, count in EXAMPLES[base].items()}
    return SimpleNamespace(features={"label": label}, splits=splits)
