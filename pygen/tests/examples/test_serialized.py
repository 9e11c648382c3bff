"""A pipeline as a graph: what is taken out of it, and what cannot be one."""

import numpy as np
import pytest
import tensorflow as tf

from pygen.errors import ExportError
from pygen.examples.serialized import PythonError, serialize

LARGE = np.arange(4096, dtype="float32").reshape(1024, 4)


def specs(dataset):
    return {f"c{i}": spec for i, spec in enumerate(tf.nest.flatten(dataset.element_spec))}


def batches(content, dataset):
    """The batches that a session without the pipeline's Python makes."""
    types = [spec.dtype for spec in specs(dataset).values()]
    shapes = [spec.shape for spec in specs(dataset).values()]
    found = []
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        fed = {name: tf.compat.v1.placeholder(array.dtype) for name, (_, array) in content.arrays.items()}
        iterator = tf.raw_ops.IteratorV2(shared_name="", container="", output_types=types, output_shapes=shapes)
        begin = tf.raw_ops.MakeIterator(dataset=content.build(fed), iterator=iterator)
        batch = tf.raw_ops.IteratorGetNext(iterator=iterator, output_types=types, output_shapes=shapes)
        session.run(begin, {fed[name]: array for name, (_, array) in content.arrays.items()})
        with pytest.raises(tf.errors.OutOfRangeError):
            while True:
                found.append(session.run(batch))
    return found


def test_large_arrays_are_fed():
    labels = np.arange(1024) % 7
    dataset = tf.data.Dataset.from_tensor_slices((LARGE, labels)).map(lambda x, y: (2 * x, y)).batch(100)
    content = serialize(dataset)
    assert sorted(array.shape for _, array in content.arrays.values()) == [(1024,), (1024, 4)]
    assert content.graph.ByteSize() < 8192
    made = batches(content, dataset)
    np.testing.assert_array_equal(np.concatenate([x for x, _ in made]), 2 * LARGE)
    np.testing.assert_array_equal(np.concatenate([y for _, y in made]), labels)


def test_tables_and_random_layers_go_along():
    import keras

    vectorize = keras.layers.TextVectorization(output_sequence_length=4)
    vectorize.adapt(["a b c", "c d"])
    dataset = tf.data.Dataset.from_tensor_slices(["a c", "d zz"]).batch(2).map(vectorize)
    (made,) = batches(serialize(dataset), dataset)
    np.testing.assert_array_equal(made[0], next(iter(dataset)))
    flip = keras.layers.RandomFlip()
    dataset = tf.data.Dataset.from_tensor_slices(np.ones((4, 6, 6, 1), "float32")).batch(2)
    dataset = dataset.map(lambda image: flip(image, training=True))
    assert len(batches(serialize(dataset), dataset)) == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda d: d.map(lambda x: tf.numpy_function(lambda a: a, [x], tf.float32)),
        lambda d: d.map(lambda x: tf.py_function(lambda a: a, [x], tf.float32)),
        lambda d: d.flat_map(lambda x: tf.data.Dataset.from_tensors(tf.numpy_function(lambda a: a, [x], tf.float32))),
        lambda d: tf.data.Dataset.from_generator(lambda: iter([1.0]), output_signature=tf.TensorSpec((), tf.float32)),
    ],
    ids=["numpy_function", "py_function", "inside a function", "from_generator"],
)
def test_python_is_found(make):
    with pytest.raises(PythonError):
        serialize(make(tf.data.Dataset.from_tensor_slices(LARGE)))


def test_an_operation_of_another_library_is_told(monkeypatch):
    monkeypatch.delattr(tf.raw_ops, "Sqrt")  # as tensorflow_text's are not there
    dataset = tf.data.Dataset.from_tensor_slices(LARGE)
    serialize(dataset.map(tf.exp).batch(4))
    with pytest.raises(PythonError, match="Sqrt, an operation of a library beside TensorFlow"):
        serialize(dataset.map(tf.sqrt))


def test_files_are_named_wherever_the_launch_begins(tmp_path, monkeypatch):
    (tmp_path / "part.txt").write_text("one\ntwo\n")
    monkeypatch.chdir(tmp_path)
    dataset = tf.data.Dataset.from_tensor_slices(["part.txt"]).flat_map(tf.data.TextLineDataset)
    content = serialize(dataset)
    assert content.files == [str(tmp_path / "part.txt")]
    monkeypatch.chdir("/")
    assert batches(content, dataset) == [[b"one"], [b"two"]]


def test_a_resource_outside_is_told():
    variable = tf.Variable(2.0)
    dataset = tf.data.Dataset.from_tensor_slices(LARGE[:4]).map(lambda x: x * variable)
    try:
        serialize(dataset).check(specs(dataset))
    except PythonError as error:
        assert "outside the pipeline" in str(error) or "Python" in str(error)


def test_a_damaged_file_is_told_by_its_reason(tmp_path):
    path = tmp_path / "damaged.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(b"whole")
    path.write_bytes(path.read_bytes()[:-6])
    dataset = tf.data.TFRecordDataset(str(path)).batch(1)
    with pytest.raises(
        ExportError, match="its pipeline fails at batch 0, counted from 0: (corrupted|truncated) record"
    ):
        serialize(dataset).check(specs(dataset))


def test_more_constants_than_a_graph_holds():
    """TensorFlow then logs an error, and returns nothing."""

    class TooLarge:
        def _as_serialized_graph(self, external_state_policy):
            return tf.constant(b"")

    with pytest.raises(ExportError, match="more than 2 GB of constants: give the arrays to fit"):
        serialize(TooLarge())
