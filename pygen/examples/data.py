"""The vocabulary of data recipes: how a model's synthetic examples are drawn.

A recipe goes into the manifest as it stands; the harness draws the examples of a run from it, and `Recipe.draw`
draws the few that the parity check needs.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Settings:
    """Defaults of a run: examples, batch size (None: all examples in one step) and epochs.

    `file_batch` takes the place of a full batch when the examples come from a file.
    """

    samples: int
    batch: int | None
    epochs: int
    file_batch: int | None = None


@dataclass(frozen=True)
class Column:
    """One generator and its options, named as in the manifest."""

    generator: str
    options: dict

    def to_json(self, free_length=True):
        """Return the manifest's entry; `lengths` is left out when the graph's shape already says it."""
        options = {k: v for k, v in self.options.items() if free_length or k != "lengths"}
        return {"generator": self.generator, **options}

    @property
    def lengths(self):
        """Shortest and longest sequence, or None for a column of one shape."""
        return self.options.get("lengths")

    @property
    def categories(self):
        """Number of categories n if the values are whole numbers 0 … n−1, else None."""
        if self.generator == "integers" and self.options["low"] >= 0:
            return self.options["high"]
        return None


def normal(mean, stddev):
    """Return a column of normally distributed floats."""
    return Column("normal", {"mean": mean, "stddev": stddev})


def uniform(low, high):
    """Return a column of floats, low ≤ v < high, all equally likely."""
    return Column("uniform", {"low": low, "high": high})


def integers(low, high, lengths=None):
    """Return a column of whole numbers, low ≤ v < high; `lengths=(min, max)` makes each example a sequence."""
    options = {"low": low, "high": high}
    if lengths is not None:
        options["lengths"] = list(lengths)
    return Column("integers", options)


def linear(of, slope, noise):
    """Return a column computed from column `of`: slope·value + noise·standard normal."""
    return Column("linear", {"of": of, "slope": slope, "noise": noise})


def one_hot():
    """Return a column of float vectors with one 1, at random, in the last dimension, and zeros elsewhere."""
    return Column("one_hot", {})


class Recipe:
    """Columns by name, in the order in which they are drawn."""

    def __init__(self, **columns):
        """Take one `Column` for each input and target."""
        self.columns = columns

    def draw(self, count, shapes, seed):
        """Draw `count` examples of every column.

        `shapes` gives each column's example shape (without the batch). Returns a dict of float32 or int32 arrays
        (count, *shape).
        """
        drawn = {}
        for number, (name, column) in enumerate(self.columns.items()):
            random = np.random.default_rng([seed, number])
            drawn[name] = _draw(column, (count, *shapes[name]), random, drawn)
        return drawn


def _draw(column, shape, random, drawn):
    options = column.options
    if column.generator == "normal":
        return random.normal(options["mean"], options["stddev"], shape).astype(np.float32)
    if column.generator == "uniform":
        return random.uniform(options["low"], options["high"], shape).astype(np.float32)
    if column.generator == "integers":
        return random.integers(options["low"], options["high"], shape).astype(np.int32)
    if column.generator == "linear":
        noise = options["noise"] * random.standard_normal(shape)
        return (options["slope"] * drawn[options["of"]].reshape(shape) + noise).astype(np.float32)
    if column.generator == "one_hot":
        return np.eye(shape[-1], dtype=np.float32)[random.integers(0, shape[-1], shape[:-1])]
    raise ValueError(f"unknown generator {column.generator!r}")
