"""Which calls of fit train the same: those that do are one phase of their script."""

import hashlib
import json
import re

_NUMBER = re.compile(r"_\d+(?=')")  # at the end of the name of a layer
_ADDRESS = re.compile(" at 0x[0-9a-f]+")


class Numbers:
    """The numbers of a script's phases, from 1 on, in the order in which they are met."""

    def __init__(self):
        """Begin with no phase."""
        self._known = {}
        self._count = 0

    def find(self, call):
        """Return the number of the phase that a `fitting.Call` belongs to, 0 for a new one."""
        return self._known.get(what(call), 0)

    def add(self, call):
        """Give a call that is a new phase its number, and return it."""
        self._count += 1
        self._known[what(call)] = self._count
        return self._count

    def built(self, call, number):
        """Note what a call of this number trains now that its model is built."""
        self._known[what(call)] = number


def what(call):
    """Return what a call trains, as far as it makes another graph or another epoch."""
    model, given = call.model, call.given
    text = json.dumps(
        [
            call.line,
            type(model).__name__,
            _built_of(model),
            type(model.optimizer).__name__,
            [str(model.loss), bool(model.jit_compile)],
            [_form(given[part]) for part in ("x", "validation_data")],
            [str(given[name]) for name in ("batch_size", "steps_per_epoch", "validation_split")],
        ]
    )
    return hashlib.sha256(_ADDRESS.sub("", text).encode()).hexdigest()


def _built_of(model):
    """Return the layers of a model as they were asked for, without the names that Keras numbers, and its weights."""
    weights = [(tuple(w.shape), str(w.dtype)) for w in model.trainable_weights] if model.built else []
    try:
        asked = model.get_config()
    except Exception:  # of a subclass: not every one can be written down
        asked = len(model.layers)
    return [_NUMBER.sub("", str(asked)), weights]


def _form(data):
    """Return the shapes of data, and how many batches a data set says it has."""
    import keras

    leaves = keras.tree.flatten(data)
    return [
        [str(leaf.element_spec), int(leaf.cardinality())]
        if hasattr(leaf, "element_spec") and hasattr(leaf, "cardinality")
        else str(getattr(leaf, "shape", type(leaf)))
        for leaf in leaves
    ]
