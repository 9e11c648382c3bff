"""Data recipes: how the synthetic examples of a model are drawn.

A recipe goes into the manifest unchanged. The harness draws the examples of a run from it; `Recipe.draw` draws the few
that the parity check needs.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Settings:
    """The defaults of a run: examples, batch size (None for all examples in one step) and epochs.

    `file_batch` is the batch size if the examples come from a file; None leaves it at `batch`.
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
        """Return the entry of the manifest; without `free_length`, the shape of the graph tells the length."""
        options = {k: v for k, v in self.options.items() if free_length or k not in ("lengths", "lengths_of")}
        return {"generator": self.generator, **options}

    @property
    def lengths(self):
        """The lengths of the shortest and longest sequence, or None for a column of one shape."""
        return self.options.get("lengths")

    @property
    def lengths_of(self):
        """The name of the column whose sequences are as long as these, example by example, or None."""
        return self.options.get("lengths_of")

    @property
    def categories(self):
        """The number of categories n if the values are integers from 0 to n−1, else None."""
        if self.generator == "integers" and self.options["low"] >= 0:
            return self.options["high"]
        return None


def normal(mean, stddev):
    """Return a column of normally distributed floats."""
    return Column("normal", {"mean": mean, "stddev": stddev})


def uniform(low, high):
    """Return a column of floats, uniform in low ≤ v < high."""
    return Column("uniform", {"low": low, "high": high})


def integers(low, high, lengths=None):
    """Return a column of integers, uniform in low ≤ v < high; `lengths=(min, max)` makes each example a sequence."""
    options = {"low": low, "high": high}
    if lengths is not None:
        options["lengths"] = list(lengths)
    return Column("integers", options)


def linear(of, slope, noise):
    """Return a column made of the column `of`: slope·value + noise·standard normal."""
    return Column("linear", {"of": of, "slope": slope, "noise": noise})


def one_hot():
    """Return a column of floats: along the last dimension one 1, at a random place, and zeros."""
    return Column("one_hot", {})


class Recipe:
    """Columns by name, in the order in which they are drawn."""

    def __init__(self, **columns):
        """Take one `Column` for each input and target."""
        self.columns = columns

    def draw(self, count, shapes, seed):
        """Return {name: `count` examples}, float32 or int32 arrays (count, *shape).

        `shapes` has the shape of one example for each column.
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
