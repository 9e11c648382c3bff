"""Tests of what the transformations of a pipeline take."""

import tensorflow as tf

from pygen.author import faults
from pygen.worker import stages


def test_stages_are_matched_by_name_in_order():
    """What TensorFlow joins or adds has no place; two of one name are taken in their order."""
    made = [
        ("TensorSlice", ("a.py", 1)),
        ("ParallelMap", ("a.py", 2)),
        ("Batch", ("a.py", 3)),
        ("ParallelMap", ("b.py", 4)),
    ]
    ran = [("ParallelMap", 2.0), ("Batch", 0.5), ("ParallelMap", 1.0), ("Prefetch", 0.25), ("Root", 9.0)]
    found = stages.matched(made, ran, 0.5)
    assert [(s["name"], s["file"], s["line"], s["seconds_per_epoch"]) for s in found] == [
        ("map", "a.py", 2, 1.0),
        ("batch", "a.py", 3, 0.25),
        ("map", "b.py", 4, 0.5),
        ("prefetch", "", 0, 0.125),
    ]


def test_chain_has_the_authors_lines(monkeypatch):
    """A pipeline of this file, which stands for the author's."""
    monkeypatch.setattr(faults, "is_authors", lambda file: file == __file__)
    with stages.noting_places():
        data = tf.data.Dataset.range(8)
        data = data.map(lambda x: x + 1)
        data = data.batch(2)
    found = stages.chain(data)
    assert [name for name, _ in found] == ["Range", "Map", "Batch"]
    lines = [line for _, (_, line) in found]
    assert lines == [lines[0], lines[0] + 1, lines[0] + 2] and lines[0] > 0
    assert {file.rpartition("/")[2] for _, (file, _) in found} == {"test_stages.py"}


def test_nodes_of_a_pipeline_that_ran():
    """tf.data's own model has the work of each transformation; the slow one has the most."""
    data = tf.data.Dataset.range(200).map(lambda x: tf.reduce_sum(tf.random.uniform([40000]))).batch(10)
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    iterator = iter(data.with_options(options))
    drawn, ran = stages.draw(iterator, None)
    assert 8 <= drawn <= 20  # not behind the end of the data
    found = dict(ran)
    assert found["Map"] > found["Batch"] > 0
