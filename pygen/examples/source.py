"""Where the examples of a graph come from: a recipe (`Synthetic`), a file (`datafile.DataFile`) or `given.Given`.

They have the same methods, so that the exporter need not know which of them it has:

    build_arguments(name, parameters, unroll)   what to call the model's build(...) with
    categories(column)                          n if the values are integers from 0 to n−1, else None
    lengths(column)                             (shortest, typical, longest) sequence, or None for one shape
    preprocess(entries)                         the "preprocess" of the manifest, of inputs and targets
    defaults(settings)                          (samples, batch) of a run
    draw(count, entries, vary)                  `count` raw examples of each column, for the parity check
    available()                                 the number of examples, or None for any
    to_json(folder, entries)                    the "data" of the manifest

The first is asked of built-in models only, which `Given` has none of.
"""

import numpy as np

from pygen.errors import UsageError

SEED = 1


def free_time(entry):
    """Report whether examples of this entry of the manifest are sequences of free length."""
    return None in entry["shape"][1:]


class Synthetic:
    """Examples drawn from a model's own recipe."""

    def __init__(self, recipe):
        """Take a `data.Recipe`."""
        self.recipe = recipe

    def build_arguments(self, name, parameters, unroll):
        """Return the arguments of build(...): none, or the fixed length of an unrolled model. Raises UsageError."""
        if not unroll:
            return {}
        check_unroll(name, parameters)
        return {"unroll": True, "length": self.lengths("x")[2]}

    def categories(self, column):
        """Return n if the values of the column are integers from 0 to n−1, else None."""
        return self.recipe.columns[column].categories

    def lengths(self, column):
        """Return (shortest, typical, longest) sequence, or None for a column of one shape."""
        lengths = self.recipe.columns[column].lengths
        return lengths and (lengths[0], round(sum(lengths) / 2), lengths[1])

    def preprocess(self, entries):
        """Return the "preprocess" of the manifest: sequences of free length are padded with 0, targets too."""
        return [{"op": "pad", "input": entry["name"], "value": 0} for entry in entries if free_time(entry)]

    def defaults(self, settings):
        """Return (samples, batch) of a run; batch None is the full batch."""
        return settings.samples, settings.batch

    def available(self):
        """Return None: a recipe draws any number."""
        return None

    def draw(self, count, entries, vary):
        """Return `count` raw examples: arrays (count, *shape), or lists of arrays for sequences of free length.

        `vary` cuts such sequences to lengths from 1 to the longest of the recipe, so that batches need padding.
        """
        shapes = {e["name"]: [n or self.lengths(e["name"])[2] for n in e["shape"][1:]] for e in entries}
        columns = self.recipe.draw(count, shapes, SEED)
        random = np.random.default_rng(SEED)
        drawn = {}
        for name in [entry["name"] for entry in entries if free_time(entry)]:
            column = columns[name]
            longest = column.shape[1]
            lengths = drawn.get(self.recipe.columns[name].lengths_of)
            if lengths is None:
                lengths = random.integers(1, longest + 1, count) if vary else [longest] * count
            drawn[name] = lengths
            columns[name] = [row[:length] for row, length in zip(column, lengths, strict=True)]
        return columns

    def to_json(self, folder, entries):
        """Return the "data" of the manifest, which does not depend on `folder`."""
        free = {entry["name"]: free_time(entry) for entry in entries}
        columns = {name: column.to_json(free[name]) for name, column in self.recipe.columns.items()}
        return {"kind": "synthetic", "columns": columns}


def check_unroll(name, parameters):
    """Raise UsageError if the model's build(...) has no `unroll` parameter."""
    if "unroll" not in parameters:
        raise UsageError(f"--unroll is for recurrent models, and {name} has nothing to unroll")
