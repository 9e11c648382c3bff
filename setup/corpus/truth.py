"""Runs a script as plain Python does, and notes each call of fit: python truth.py KIND SCRIPT NOTES.

Every fit trains one step, and its History repeats that, so that the script goes on. NOTES gets a line of JSON for
each fit, and one at the end that says how the script ended. It has nothing of the exporter, so that the two can be
compared.
"""

import itertools
import json
import math
import os
import sys
import time
import traceback
from pathlib import Path

import reading
from corpus_data.imported import Changed

TRAINER = "keras.src.backend.tensorflow.trainer"
COUNTING_SECONDS = 60


class Spy:
    """Replaces fit as soon as the script imports Keras, and imports nothing by itself."""

    def __init__(self, script, notes):
        self.script, self.notes = script, notes

    def replace(self, module):
        """Replace fit in the module that has it."""
        module.TensorFlowTrainer.fit = one_step(module.TensorFlowTrainer.fit, self)

    def line(self):
        """Return the line of the script that is running."""
        frame = sys._getframe()
        while frame and frame.f_code.co_filename != self.script:
            frame = frame.f_back
        return frame and frame.f_lineno

    def note(self, **what):
        """Append a line to the notes."""
        with open(self.notes, "a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")


def one_step(real, spy):
    """Return a fit that notes what it is told, trains one step, and repeats the History."""

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, **others):
        note = {"line": spy.line(), **described(self, x, y, batch_size, epochs, callbacks, others)}
        began = time.monotonic()
        try:
            told = dict(others, steps_per_epoch=1, epochs=others.get("initial_epoch", 0) + 1)
            if others.get("validation_data") is not None or others.get("validation_split"):
                told["validation_steps"] = 1
            history = real(self, x, y, batch_size, callbacks=callbacks, verbose=0, **told)
        except Exception as err:
            spy.note(**note, failed=f"{type(err).__name__}: {str(err)[:300]}")
            raise
        spy.note(**note, seconds=round(time.monotonic() - began, 2), logs=sorted(history.history))
        count = epochs - others.get("initial_epoch", 0)
        history.history = {key: values * count for key, values in history.history.items()}
        history.epoch = list(range(others.get("initial_epoch", 0), epochs))
        return history

    return fit


def described(model, x, y, batch_size, epochs, callbacks, others):
    """Return what one epoch of this fit is."""
    split = others.get("validation_split") or 0
    data = measured(x, batch_size, split, others.get("steps_per_epoch"))
    validation = others.get("validation_data")
    if validation is not None:
        inputs = validation[0] if isinstance(validation, (list, tuple)) else validation
        validation = measured(
            inputs, others.get("validation_batch_size") or batch_size, 0, others.get("validation_steps")
        )
    elif split:
        validation = {"kind": "split", "examples": length(x) - data["examples"]}
    return {
        **data,
        "epochs": epochs,
        "validation": validation,
        "callbacks": [type(c).__name__ for c in callbacks] if isinstance(callbacks, (list, tuple)) else callbacks and 1,
        "class_weight": others.get("class_weight") is not None,
        "sample_weight": others.get("sample_weight") is not None,
        "shuffle": others.get("shuffle", True),
        "inputs": shape_of(x),
        "targets": shape_of(y),
        "step": type(model).train_step.__qualname__,
        "run_eagerly": bool(getattr(model, "run_eagerly", False)),
        "jit_compile": getattr(model, "jit_compile", None),
    }


def measured(x, batch_size, split, steps):
    """Return the kind, batch, steps and examples of an epoch; None is what could not be found."""
    import tensorflow as tf

    if isinstance(x, (tf.data.Dataset, tf.distribute.DistributedDataset)):
        return counted(x, steps)
    count = length(x)
    if count is None:
        kind = "PyDataset" if hasattr(x, "__getitem__") else "generator"
        batches = getattr(x, "num_batches", None)
        first = leaves(x[0])[0] if kind == "PyDataset" else None
        batch = None if first is None else len(first)
        return {"kind": kind, "batch": batch, "steps": steps or batches, "examples": None}
    count, batch = math.floor(count * (1 - split)), batch_size or 32
    whole = math.ceil(count / batch)
    return {"kind": "arrays", "batch": min(batch, count), "steps": steps or whole, "examples": count}


def counted(dataset, steps):
    """Return the same of a data set, which is drawn once, for a minute at most."""
    batches, examples, began = 0, 0, time.monotonic()
    first = None
    for batch in itertools.islice(dataset, steps):
        size = leaves(batch)[0].shape[0]
        first = first or size
        batches, examples = batches + 1, examples + size
        if time.monotonic() - began > COUNTING_SECONDS:
            cardinality = int(dataset.cardinality())
            batches, examples = steps or (cardinality if cardinality >= 0 else None), None
            break
    try:
        python = b"PyFunc" in dataset._as_serialized_graph().numpy()
    except Exception as err:
        python = f"{type(err).__name__}"
    return {"kind": "tf.data", "batch": first, "steps": batches, "examples": examples, "python": python}


def leaves(nest):
    """Return the arrays of nested data."""
    if isinstance(nest, dict):
        nest = [nest[key] for key in sorted(nest)]
    if isinstance(nest, (list, tuple)):
        return [leaf for part in nest for leaf in leaves(part)]
    return [nest]


def length(x):
    """Return the number of examples of arrays, or None."""
    found = leaves(x)
    if isinstance(x, (list, tuple)) and not hasattr(found[0], "shape"):
        return len(x)
    if all(hasattr(leaf, "shape") and len(leaf.shape) for leaf in found):
        return int(found[0].shape[0])
    return None


def shape_of(x):
    """Return shapes and types of data, as text."""
    if hasattr(x, "element_spec"):
        return str(x.element_spec)[:400]
    if x is None or length(x) is None:
        return type(x).__name__
    return ", ".join(
        f"{tuple(getattr(a, 'shape', (len(x),)))} {getattr(a, 'dtype', type(a).__name__)}" for a in leaves(x)
    )[:400]


def main():
    """Run the script."""
    kind, script, notes = sys.argv[1:4]
    source = reading.code(Path(script), kind)
    sys.argv = [script]
    sys.path[0] = os.getcwd() if kind == "notebook" else str(Path(script).parent)
    spy = Spy(script, notes)
    sys.meta_path.insert(0, Changed(TRAINER, spy.replace))
    namespace = {"__name__": "__main__", "__file__": script, "__builtins__": __builtins__}
    if kind == "notebook":
        namespace["display"] = print
    main_module = type(sys)("__main__")
    main_module.__dict__.update(namespace)
    sys.modules["__main__"] = main_module
    try:
        exec(compile(source, script, "exec"), main_module.__dict__)
        spy.note(end="done")
    except BaseException as err:
        traceback.print_exc()
        spy.note(end=f"{type(err).__name__}: {str(err)[:300]}", line=spy_line(err, script))


def spy_line(err, script):
    """Return the script's line at which an exception was raised."""
    lines = [frame.lineno for frame in traceback.extract_tb(err.__traceback__) if frame.filename == script]
    return lines[-1] if lines else None


if __name__ == "__main__":
    main()
