"""A training step that an author writes: step(x, y), which trains on a batch and returns its loss, and data().

They become a Keras model whose train_step calls step, so that it is exported and compared as any other model is.
"""

import ast
import gc
from pathlib import Path

import numpy as np

from pygen.author.faults import located
from pygen.errors import ExportError

STEP, DATA = "step", "data"

_BATCH = 32  # examples that the step is traced with, where data() returns arrays
_UPDATES = ("Assign", "ResourceApply", "ResourceScatter", "ResourceSparseApply")


def in_file(path):
    """Report whether the file at `path` defines step(x, y) and data(), without running it. Raises OSError."""
    found = _functions(path)
    if STEP not in found or DATA not in found:
        return False
    step, data = found[STEP].args, found[DATA].args
    return 1 <= len(step.posonlyargs + step.args) <= 3 and len(data.posonlyargs + data.args) == len(data.defaults)


def line(path):
    """Return the line of the step of such a file."""
    return _functions(path)[STEP].lineno


def _functions(path):
    """Return {name: node} of the functions that a file defines; none for one that Python cannot read."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (SyntaxError, ValueError):
        return {}  # running it says so better
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def model_of(step, data, notices):
    """Return (a compiled keras.Model that trains by `step`, what `data` returns: arrays or a tf.data.Dataset).

    `step` takes the parts of an element of the data, plainly or as a tf.function. It is traced on a batch and not run,
    which makes the slots of its optimizers, and changes no variable. Raises ExportError for one that cannot be a graph,
    updates nothing, or returns no loss.
    """
    import tensorflow as tf

    with located("data() fails"):
        examples = data()
    batch = _first_batch(examples)
    notices.say("step", "its step(...) is timed, on what data() returns")
    if not hasattr(step, "python_function"):
        notices.say("eager", "the script calls step(...) as Python does, and a graph of it is timed")
    function = step if hasattr(step, "python_function") else tf.function(step)
    with located("step(...) cannot be a graph"):
        traced = function.get_concrete_function(*batch)
    _check(traced)
    return _model(_again(function), list(traced.graph.variables)), examples


def _again(function):
    """Return what a tf.function computes, to be traced anew: within the step's graph, where random numbers are seeded.

    One that XLA compiles stays a function of its own.
    """
    import tensorflow as tf

    if getattr(function, "_jit_compile", None):
        return tf.function(function.python_function, jit_compile=True)
    return tf.__internal__.autograph.tf_convert(
        function.python_function, tf.__internal__.autograph.control_status_ctx()
    )


def _first_batch(examples):
    """Return the parts of a batch, with floats as float32, which is how they are fed. Raises ExportError."""
    import keras
    import tensorflow as tf

    if isinstance(examples, tf.data.Dataset):
        with located("the data set that data() returns cannot be read"):
            batch = next(iter(examples), None)
        if batch is None:
            raise ExportError("data() returns a data set without an element")
        return batch if isinstance(batch, tuple) else (batch,)
    parts = examples if isinstance(examples, tuple) else (examples,)
    if not 1 <= len(parts) <= 3 or any(part is None for part in parts):
        raise ExportError("data() must return x, (x, y) or (x, y, sample_weight), arrays, or a tf.data.Dataset of them")

    def cut(leaf):
        rows = np.asarray(leaf)[:_BATCH]
        return tf.convert_to_tensor(rows.astype(np.float32) if rows.dtype.kind == "f" else rows)

    with located("data() must return arrays, or a tf.data.Dataset"):
        return keras.tree.map_structure(cut, parts)


def _check(traced):
    """Raise ExportError unless a traced step returns a loss and updates variables."""
    returned = traced.structured_outputs
    loss = returned.get("loss") if isinstance(returned, dict) else returned
    shape = getattr(loss, "shape", None)
    if shape is None or shape.rank not in (0, None):
        what = "a tensor of the shape " + str(shape) if shape is not None else type(loss).__name__
        raise ExportError(f"step(...) must return the loss of the batch, a scalar, and returns {what}")
    definition = traced.graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    if not any(node.op.startswith(_UPDATES) for node in nodes):
        raise ExportError("step(...) changes no variable: it must train on the batch, and return the loss")


def _model(function, variables):
    """Return the model whose train_step calls `function`, which uses the raw `variables`."""
    import keras

    class OwnStep(keras.Model):
        """Trains by a function, and does nothing else."""

        def train_step(self, data):
            logs = function(*(data if isinstance(data, tuple) else (data,)))
            return logs if isinstance(logs, dict) else {"loss": logs}

        def test_step(self, data):
            raise ExportError("step(...) says only how to train")

        def predict_step(self, data):
            raise ExportError("step(...) says only how to train")

        def save_weights(self, *_, **__):
            raise ExportError("its variables are those of no single Keras model")

        @property
        def weights(self):
            return [*super().weights, *raw]

    known, others = _of_keras(variables)
    found = [known[id(variable)] for variable in variables if id(variable) in known]
    raw = [v for v in variables if id(v) not in known and id(v) not in others and v.trainable]
    model = OwnStep(name=STEP)
    for variable in found:
        model._track_variable(variable)
    model.compile(optimizer=None, loss=None)
    model.built = True
    return model


def _of_keras(variables):
    """Return ({id of a raw variable: Keras's variable that holds it}, ids of those that are no weights).

    The slots of optimizers and the states of random numbers are none.
    """
    import keras

    wanted = {id(variable) for variable in variables}
    holders = {id(o._value): o for o in _alive(keras.Variable) if id(o._value) in wanted}
    others = {id(v.value) for o in _alive(keras.optimizers.Optimizer) for v in o.variables}
    others |= {id(o.state.value) for o in _alive(keras.random.SeedGenerator)}
    return {key: holder for key, holder in holders.items() if key not in others}, others & wanted


def _alive(kind):
    """Return the objects of a class and its subclasses; isinstance would ask proxies, whose object may be gone."""
    return [o for o in gc.get_objects() if issubclass(type(o), kind)]
