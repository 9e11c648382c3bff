"""A range may refuse data only where its values provably index a table; any other is a guess for making data."""

import keras
import pytest
import tensorflow as tf
from keras import layers, ops

from pygen.model import derive, tables


class TokensAndPlaces(layers.Layer):
    """Embeds tokens, and adds an embedding of their places, as most transformers do."""

    def __init__(self, words=5000, places=80):
        super().__init__()
        self.words, self.places = layers.Embedding(words, 8), layers.Embedding(places, 8)

    def call(self, tokens):
        return self.words(tokens) + self.places(ops.arange(ops.shape(tokens)[1]))


class Both(layers.Layer):
    """Embeds what a dict holds: tokens, and segments of which there are two."""

    def __init__(self):
        super().__init__()
        self.tokens, self.segments = TokensAndPlaces(2000), layers.Embedding(2, 8)

    def call(self, given):
        return self.tokens(given["tokens"]) + self.segments(given["segments"])


class Raw(layers.Layer):
    """Looks rows of its own weights up without an Embedding."""

    def build(self, shape):
        self.table = self.add_weight(shape=(30, 4))

    def call(self, x):
        return tf.gather(self.table.value, tf.cast(x, tf.int64))


class Sliced(layers.Layer):
    """Embeds each column of a table by itself."""

    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Embedding(10, 4), layers.Embedding(1000, 4)

    def call(self, x):
        return self.first(x[:, 0]) + self.second(x[:, 1])


class Shifted(layers.Layer):
    """Embeds what its integers are after an offset."""

    def __init__(self):
        super().__init__()
        self.words = layers.Embedding(10, 4)

    def call(self, x):
        return self.words(x - 100)


def tokens(*shape, name=None):
    return keras.Input(shape, dtype="int32", name=name)


def of_layer(layer, *inputs):
    return keras.Model(list(inputs), layer(*inputs))


def segments():
    given = {"tokens": tokens(None, name="tokens"), "segments": tokens(None, name="segments")}
    return keras.Model(given, Both()(given))


def joined():
    first, second = tokens(3), tokens(4)
    return keras.Model([first, second], layers.Embedding(70, 4)(layers.Concatenate()([first, second])))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed = TokensAndPlaces(600, 20)

    def call(self, x):
        return self.embed(x)


# A model, and the rows of the table that each of its inputs indexes.
MODELS = {
    "tokens and places": (lambda: of_layer(TokensAndPlaces(), tokens(None)), [5000]),
    "places larger than words": (lambda: of_layer(TokensAndPlaces(50, 80), tokens(None)), [50]),
    "segments": (segments, [2, 2000]),  # in the order of a dict's keys
    "weights": (lambda: of_layer(Raw(), keras.Input((7,))), [30]),
    "joined": (joined, [70, 70]),
    "sliced": (lambda: of_layer(Sliced(), tokens(2)), [None]),
    "shifted": (lambda: of_layer(Shifted(), tokens(2)), [None]),
    "none": (lambda: of_layer(layers.Dense(2), keras.Input((3,))), [None]),
}


@pytest.mark.parametrize("name", MODELS)
def test_what_indexes_a_table(name):
    make, expected = MODELS[name]
    model = make()
    assert tables.sizes(model, derive.input_tensors(model)) == expected


def test_a_subclassed_model():
    model = Subclassed()
    inputs = keras.KerasTensor((None, 12), dtype="int32")
    model(inputs)
    assert tables.sizes(model, inputs) == [600]


def test_a_model_that_cannot_be_called():
    assert tables.sizes(Subclassed(), [keras.KerasTensor((None, 12), dtype="string")] * 2) == [None, None]


def needed(model, loss="mse"):
    model.compile("sgd", loss)
    return {need.name: need for need in derive.needs(model, derive.input_tensors(model))[1]}


def test_a_guess_draws_and_does_not_refuse():
    sliced = needed(of_layer(Sliced(), tokens(2)))["x"]
    assert sliced.column.categories == 10 and sliced.limit is None
    places = needed(of_layer(TokensAndPlaces(), tokens(None)))["x"]
    assert places.column.categories == places.limit == 5000


def test_each_input_has_its_own_range():
    found = needed(segments())
    assert {name: need.limit for name, need in found.items() if name != "y"} == {"tokens": 2000, "segments": 2}


def labels_of(loss):
    return needed(keras.Sequential([keras.Input((3,)), layers.Dense(4, "softmax")]), loss)["y"]


def sparse_but_masked(y, p):
    known = ops.cast(y >= 0, "float32")
    return known * keras.losses.sparse_categorical_crossentropy(ops.maximum(y, 0), p)


@pytest.mark.parametrize(
    ("loss", "limit"),
    [
        ("sparse_categorical_crossentropy", 4),
        (keras.losses.SparseCategoricalCrossentropy(), 4),
        (keras.losses.SparseCategoricalCrossentropy(ignore_class=255), None),
        (sparse_but_masked, None),
    ],
    ids=["name", "object", "ignores a class", "own"],
)
def test_labels_that_a_loss_leaves_out(loss, limit):
    labels = labels_of(loss)
    assert labels.column.categories == 4 and labels.limit == limit
