"""The tensors of a training step by name: a model's nested inputs, targets and sample weights, and one flat list."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layout:
    """Which named column is which leaf of x, y and sample_weight.

    Each structure is None where there is none, otherwise a nest (dicts, lists, tuples) whose leaves are column names.
    """

    x: object
    y: object = None
    sample_weight: object = None
    class_weight: dict = field(default_factory=dict)

    @property
    def inputs(self):
        """Return the names of the inputs, in the order in which a step is fed."""
        return _leaves(self.x)

    @property
    def targets(self):
        """Return the names of the targets and of the sample weights."""
        return _leaves(self.y) + _leaves(self.sample_weight)

    @property
    def names(self):
        """Return all names: inputs, then targets."""
        return self.inputs + self.targets

    def pack(self, values):
        """Return (x, y, sample_weight), nested as the model takes them, of `values` in the order of `names`."""
        values = dict(zip(self.names, values, strict=True))
        return tuple(_fill(nest, values) for nest in (self.x, self.y, self.sample_weight))


SIMPLE = Layout("x", "y")


def _leaves(nest):
    import keras

    return [] if nest is None else keras.tree.flatten(nest)


def _fill(nest, values):
    import keras

    return None if nest is None else keras.tree.map_structure(values.__getitem__, nest)


def as_fit_passes(x, y, sample_weight):
    """Return what `Model.fit` hands to a model's `train_step`."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (list, tuple)) else x


def name_leaves(nest, single, several=(), taken=()):
    """Return `nest` with names in place of its leaves, and the leaves in the same order.

    A nest that is one leaf is called `single`. Leaves of a dict have their keys as names; those of a list or tuple take
    them from `several` where that has as many, otherwise they are `single` with a number. A name that `taken` has
    already gets the prefix "SINGLE_".
    """
    import keras

    paths = keras.tree.flatten_with_path(nest)
    several = several if len(several) == len(paths) else ()
    names, values = [], []
    for number, (path, value) in enumerate(paths):
        if several and not isinstance(nest, dict):
            name = several[number]
        else:
            name = "_".join(str(step) if isinstance(step, str) else f"{single}_{step}" for step in path) or single
        names.append(unique(clean(name), [*taken, *names], single))
        values.append(value)
    return keras.tree.pack_sequence_as(nest, names), dict(zip(names, values, strict=True))


def clean(name):
    """Return `name` as a signature can carry it: letters, digits, '_', '.', '-'; it begins with a letter."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_") or "column"
    return name if name[0].isalpha() else f"_{name}".replace("_", "column_", 1)


def unique(name, taken, prefix):
    """Return `name`, changed so that it is none of `taken`."""
    if name in taken:
        name = f"{prefix}_{name}"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789')}{number}", number + 1
    return name
