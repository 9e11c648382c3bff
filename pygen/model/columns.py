"""Names for the tensors of a training step: nested inputs, targets and sample weights become one flat list."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layout:
    """Which column is which leaf of x, y and sample_weight.

    Each is None if there is none, else a nest (dicts, lists, tuples) whose leaves are names of columns.
    """

    x: object
    y: object = None
    sample_weight: object = None
    class_weight: dict = field(default_factory=dict)

    @property
    def inputs(self):
        """The names of the inputs, in the order in which a step is fed."""
        return _leaves(self.x)

    @property
    def targets(self):
        """The names of the targets, then of the sample weights."""
        return _leaves(self.y) + _leaves(self.sample_weight)

    @property
    def names(self):
        """All names: inputs, then targets."""
        return self.inputs + self.targets

    def pack(self, values):
        """Return (x, y, sample_weight), nested as the model takes them; `values` are in the order of `names`."""
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
    """Return what `Model.fit` passes to the `train_step` of a model."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (list, tuple)) else x


def name_leaves(nest, single, several=(), taken=()):
    """Return (`nest` with names in place of its leaves, {name: leaf} in the same order).

    A nest that is one leaf is named `single`. The leaves of a dict are named by their keys, those of a list or tuple by
    `several` if it has as many names, else by `single` and a number. A name that is in `taken` gets the prefix
    "SINGLE_".
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
    """Return `name` in the characters of a signature: letters, digits, '_', '.' and '-', a letter first."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_") or "column"
    return name if name[0].isalpha() else f"_{name}".replace("_", "column_", 1)


def unique(name, taken, prefix):
    """Return `name`, changed if it is in `taken`, so that the result is not."""
    if name in taken:
        name = f"{prefix}_{name}"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789')}{number}", number + 1
    return name
