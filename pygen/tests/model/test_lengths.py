"""Sequences that a model joins are drawn with the same lengths, targets too."""

import keras
import pytest
from keras import layers

from pygen.author.notices import Notices
from pygen.errors import ExportError
from pygen.examples.data import Recipe
from pygen.examples.source import Synthetic
from pygen.model import derive, lengths


def tokens(name):
    return keras.Input((None,), dtype="int32", name=name)


def embedded(x):
    return layers.Embedding(50, 8)(x)


def tagger():
    x = tokens("x")
    return keras.Model(x, layers.Dense(5, "softmax")(embedded(x)))


def added():
    a, b = tokens("a"), tokens("b")
    return keras.Model([a, b], layers.Dense(5, "softmax")(layers.Add()([embedded(a), embedded(b)])))


def decoder():
    """Encoder and decoder, whose target is as long as what the decoder has written."""
    source, written = tokens("source"), tokens("written")
    state = layers.GRU(8)(embedded(source))
    out = layers.GRU(8, return_sequences=True)(embedded(written), initial_state=state)
    return keras.Model([source, written], layers.Dense(5, "softmax")(out))


def one_label():
    x = tokens("x")
    return keras.Model(x, layers.Dense(5, "softmax")(layers.GRU(8)(embedded(x))))


def halved():
    x = tokens("x")
    return keras.Model(x, layers.Dense(5, "softmax")(layers.AveragePooling1D(2)(embedded(x))))


def linked(model):
    model.compile("sgd", "sparse_categorical_crossentropy")
    inputs = derive.input_tensors(model)
    return lengths.linked(model, inputs, derive.needs(model, inputs)[1])


@pytest.mark.parametrize(
    ("make", "same"),
    [
        (tagger, {"y": "x"}),
        (added, {"b": "a", "y": "a"}),
        (decoder, {"y": "written"}),
        (one_label, {}),
    ],
)
def test_whose_length_is_whose(make, same):
    assert {need.name: need.same_length for need in linked(make()) if need.same_length} == same


def test_a_length_that_is_no_inputs():
    with pytest.raises(ExportError, match="no examples of y: its sequences are as long as those of no input: give"):
        derive.settle(linked(halved()), {}, {}, Notices())


def settled(shapes, given):
    notices = Notices()
    return {need.name: need for need in derive.settle(linked(tagger()), shapes, given, notices)}, notices


@pytest.mark.parametrize("name", ["x", ""])
def test_a_target_follows_its_input(name):
    needs, notices = settled({}, {name: (5, 30)})
    assert needs["x"].column.lengths == needs["y"].column.lengths == [5, 30]
    assert needs["y"].column.lengths_of == "x" and needs["x"].column.lengths_of is None
    assert not notices
    fixed, _ = settled({"x": (20,)}, {})
    assert fixed["x"].shape == fixed["y"].shape == (20,)


def test_only_lengths_that_are_assumed_are_told():
    _, notices = settled({}, {})
    assert [notice["text"].split(";")[0] for notice in notices] == ["sequences of 50 are assumed for x"]


@pytest.mark.parametrize("vary", [True, False])
def test_drawn_with_the_same_lengths(vary):
    needs, _ = settled({}, {"": (5, 30)})
    source = Synthetic(Recipe(**{name: need.column for name, need in needs.items()}))
    entries = [{"name": name, "shape": [None, *need.shape]} for name, need in needs.items()]
    drawn = source.draw(20, entries, vary)
    assert [len(row) for row in drawn["x"]] == [len(row) for row in drawn["y"]]
    assert (len({len(row) for row in drawn["x"]}) > 1) == vary
    assert [step["input"] for step in source.preprocess(entries)] == ["x", "y"]
