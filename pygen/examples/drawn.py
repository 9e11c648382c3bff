"""Batches of a tf.data pipeline, drawn at the export: their shapes, and the first of them as arrays."""

import re
import time
from dataclasses import dataclass, field

import numpy as np

from pygen.errors import ExportError

FIRST = 10  # batches that are kept, for the comparison with Keras
SECONDS = 30  # that drawing shapes may take, where nothing but them is asked for
SLOW = 10  # seconds of the first batches, from which on they are not drawn again

_FUNCTION_NODE = re.compile(r"\{\{\w+ [^}]*\}\}")  # which TensorFlow puts into its messages

# What a session puts before the reason.
_NODE = re.compile(
    r".*^Node: [^\n]*\n(?:\d+ root error\(s\) found\.\s*\(0\) (?:[A-Z_]+: )?)?", re.DOTALL | re.MULTILINE
)


@dataclass
class Drawn:
    """Batches of one epoch. `first` are {name: array}; `shapes` is {shapes of all components: how many batches}.

    `whole` reports whether they are the whole epoch, `slow` whether the first took long.
    """

    names: list
    first: list = field(default_factory=list)
    shapes: dict = field(default_factory=dict)
    steps: int = 0
    examples: int = 0
    whole: bool = False
    slow: bool = False

    def add(self, arrays):
        """Take the next batch, a list of arrays in the order of the names."""
        if len(self.first) < FIRST:
            self.first.append(dict(zip(self.names, arrays, strict=True)))
        shape = tuple(array.shape for array in arrays)
        self.shapes[shape] = self.shapes.get(shape, 0) + 1
        self.steps += 1
        self.examples += len(arrays[0])

    def describe(self):
        """Return the "batches" of the manifest."""
        shapes = [
            {"steps": count, "components": dict(zip(self.names, map(list, shape), strict=True))}
            for shape, count in self.shapes.items()
        ]
        whole = {"whole": True} if self.whole else {}
        return {"steps": self.steps, "examples": self.examples} | whole | {"shapes": shapes}


def draw(dataset, names, steps, seconds=SECONDS, keep=None):
    """Return the `Drawn` batches of a tf.data.Dataset, `steps` of them, or all where that is None.

    Drawing ends after so many `seconds`, None for any. `keep` is called with the arrays of each batch. Raises
    ExportError, which names the batch, where the pipeline fails.
    """
    import tensorflow as tf

    found, began = Drawn(list(names)), time.monotonic()
    for element in _counted(dataset):
        arrays = [np.asarray(leaf) for leaf in tf.nest.flatten(element)]
        found.add(arrays)
        if found.steps == FIRST:
            found.slow = time.monotonic() - began > SLOW
        if keep:
            keep(arrays)
        if found.steps == steps:
            break
        if seconds and time.monotonic() - began > seconds:
            return found
    found.whole = True
    return found


def _counted(dataset):
    """Yield the elements of a tf.data.Dataset. Raises ExportError with the number of the batch that fails."""
    import tensorflow as tf

    number = 0
    try:
        for element in dataset:
            yield element
            number += 1
    except tf.errors.OpError as error:
        raise failure(number, error) from error


def failure(number, error):
    """Return the ExportError of a pipeline that fails at a batch with a tf.errors.OpError."""
    text = _NODE.sub("", error.message)
    lines = [line for line in text.splitlines() if line.strip()] or [type(error).__name__]
    reason = _FUNCTION_NODE.sub("", lines[-1] if "Error: " in lines[-1] else lines[0]).split(" [Op:")[0].strip()
    return ExportError(f"its pipeline fails at batch {number}, counted from 0: {reason}")


def same(batches, others):
    """Report whether two lists of batches are equal, bit by bit."""
    if len(batches) != len(others):
        return False
    return all(
        a[name].shape == b[name].shape and a[name].tobytes() == b[name].tobytes()
        if a[name].dtype != object
        else np.array_equal(a[name], b[name])
        for a, b in zip(batches, others, strict=True)
        for name in a
    )
