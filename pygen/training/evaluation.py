"""Evaluation and prediction as signatures of the SavedModel: what Keras's evaluate and predict do with one batch.

Metrics keep their state in variables from batch to batch, so their values are those of the whole pass: an AUC is never
a mean of batches. Both are traced as plain graphs, whatever compiles or cuts the training step.
"""

import contextlib

import numpy as np
import tensorflow as tf

from pygen.author import faults
from pygen.errors import ExportError
from pygen.examples.types import NUMBERS
from pygen.model.columns import Layout, as_fit_passes, clean, name_leaves, unique
from pygen.training import parity, randomness
from pygen.training.step import resetting

EVALUATE = "evaluate"
METRICS = "metrics"
RESET = "reset_metrics"
PREDICT = "predict"
VALIDATE = "validate"

CHECKED_BATCHES = 2


class Signatures:
    """The signatures of a compiled Keras model, traced, and the reason for each that it cannot have.

    `functions` is {key: concrete function}, `described` the manifest's entries of its "signatures", and `missing` its
    "missing": {"evaluate" or "predict": why}.
    """

    def __init__(self, model, layout, specs):
        """Trace what can be traced. `specs` are the tf.TensorSpecs of the layout's columns, batch included."""
        self.model, self.layout, self.specs = model, layout, specs
        self.functions, self.described, self.missing = {}, {}, {}
        self._try(EVALUATE, self._trace_evaluate)
        self._try(PREDICT, self._trace_predict)

    def _try(self, name, trace):
        """Keep what `trace` returns, (functions, entries); of an error, its reason: the author's code runs in it."""
        try:
            functions, described = trace()
            faults.check_no_python(functions.values())
        except Exception as error:
            self.missing[name] = str(error) if isinstance(error, ExportError) else faults.describe(error)
            return
        self.functions |= functions
        self.described |= described

    def drop(self, name, why):
        """Leave `name` out of the manifest: the SavedModel has it, and it does not do what Keras does."""
        for key in (EVALUATE, METRICS, RESET) if name == EVALUATE else (name,):
            self.described.pop(key, None)
        self.missing[name] = why

    def _trace_evaluate(self):
        model, layout, logs = self.model, self.layout, {}

        def evaluate(*columns):
            returned, of_metrics = _tested(model, layout, columns)
            if not isinstance(returned, dict):
                raise ExportError(f"its test_step returns {type(returned).__name__}, not a dict of metrics")
            logs.update({} if of_metrics else _values(returned))
            return {"examples": tf.shape(columns[0])[0]} | {output: value for output, value in logs.values()}

        traced = _traced(evaluate, self.specs)
        functions = {EVALUATE: traced, RESET: _traced(lambda: _reset(model))}
        described = {
            EVALUATE: {"key": EVALUATE, "examples": "examples"} | ({"values": _described(logs)} if logs else {}),
            RESET: {"key": RESET, "metrics": "metrics"},
        }
        if logs:  # Keras then returns those of the last batch, whatever the metrics say
            return functions, described

        def metrics():
            logs.update(_values(model.get_metrics_result()))
            return dict(logs.values())

        functions[METRICS] = _traced(metrics)
        return functions, described | {METRICS: {"key": METRICS, "values": _described(logs)}}

    def _trace_predict(self):
        model, layout = self.model, Layout(self.layout.x)
        outputs = {}

        def predict(*columns):
            with randomness.numbered():
                returned = model.predict_step(as_fit_passes(*layout.pack(columns)))
            _, leaves = name_leaves(returned, "prediction", getattr(model, "output_names", None) or ())
            for name, value in leaves.items():
                if not isinstance(value, tf.Tensor) or value.dtype.name not in NUMBERS or value.shape.rank is None:
                    raise ExportError(f"its output {name} is no tensor of real numbers whose rank is known")
            outputs.update({name: tf.identity(value) for name, value in leaves.items()})
            return dict(outputs)

        traced = _traced(predict, self.specs[: len(layout.names)])
        entries = [{"name": n, "dtype": v.dtype.name, "shape": v.shape.as_list()} for n, v in outputs.items()]
        return {PREDICT: traced}, {PREDICT: {"key": PREDICT, "outputs": entries}}


def validate(model, layout, specs):
    """Return (the concrete function of the signature "validate", its metrics as the manifest has them).

    It takes one batch of validation, as `specs` (tf.TensorSpecs, in the order of the layout) describe it. There are no
    metrics where the model's own test_step returns something else.
    """
    logs = {}

    def step(*columns):
        returned, of_metrics = _tested(model, layout, columns)
        logs.update(_values(returned) if of_metrics else {})
        return {"examples": tf.shape(columns[0])[0]}

    return _traced(step, specs), _described(logs)


def _tested(model, layout, columns):
    """Return (what the test_step of a model returns for a batch, whether that is what its metrics say)."""
    with randomness.numbered():
        returned = model.test_step(as_fit_passes(*layout.pack(columns)))
    with tf.init_scope():
        return returned, isinstance(returned, dict) and set(model.get_metrics_result()) == set(returned)


def _traced(function, specs=()):
    return tf.function(function, input_signature=list(specs), autograph=False).get_concrete_function()


def _reset(model):
    model.reset_metrics()
    return {"metrics": tf.constant(len(model.metrics))}


def _values(logs):
    """Return {name: (output of the signature, float64 tensor)} in the order in which Keras's evaluate returns them."""
    values = {}
    for name, value in sorted(logs.items()):
        if isinstance(value, dict):
            values |= _values(value)
        else:
            output = unique(clean(name), [output for output, _ in values.values()] + ["examples"], "metric")
            values[name] = output, tf.cast(value, tf.float64)
    return values


def _described(values):
    return [{"name": name, "output": output} for name, (output, _) in values.items()]


def check(signatures, sessions, fed, preprocess=None, tolerance=parity.TOLERANCE):
    """Compare the graph, in `parity.Sessions`, with Keras; drop the signatures that do otherwise.

    `fed` are batches as the data holds them, {name: array}, and `preprocess` the signature that makes what a step takes
    of them, or None. Keras's variables are as before. A signature that draws random numbers from a state that no
    variable holds is not compared. Returns {name: largest difference}.
    """
    names = [name for name in (PREDICT, EVALUATE) if _compared(signatures, name)]
    changing = [*signatures.functions.values(), *([preprocess.function.get_concrete_function()] if preprocess else [])]
    with _restored(changing) as restore:
        fed = [preprocess.with_keras(batch) if preprocess else batch for batch in fed[:CHECKED_BATCHES]]
        expected = {}
        for name in names:
            restore()
            try:
                expected[name] = _OF_KERAS[name](signatures.model, signatures.layout, fed)
            except Exception as error:  # the author's code runs in it
                signatures.drop(name, faults.describe(error))
    worst = {}
    session, keys, restore = sessions.get(rewritten=False)
    for name in expected:
        restore()
        run = lambda key, batch: parity.run(session, keys[key], batch)  # noqa: E731
        worst[name] = difference(_OF_GRAPH[name](signatures, run, fed), expected[name])
        if not worst[name] <= tolerance:
            signatures.drop(name, f"its values differ from Keras's by {worst[name]:.1e}, relatively")
    return worst


def _compared(signatures, name):
    return name in signatures.described and not randomness.keeps_state(signatures.functions[name].graph)


@contextlib.contextmanager
def _restored(functions):
    """Yield a function that puts the variables that these may change, none of them trained, back as they are now."""
    variables = {id(v): v for function in functions for v in function.graph.variables if not v.trainable}
    restore = resetting(variables.values())
    yield restore
    restore()


def keras_predictions(model, layout, fed):
    """Return Keras's predictions of the first batch, a list of arrays: what predict_on_batch does, eagerly."""
    import keras

    model.run_eagerly = True
    model.make_predict_function(force=True)
    x, _, _ = Layout(layout.x).pack([tf.convert_to_tensor(fed[0][name]) for name in layout.inputs])
    returned = model.predict_function([as_fit_passes(x, None, None)])
    return [np.asarray(value, np.float64) for value in keras.tree.flatten(returned)]


def keras_metrics(model, layout, fed):
    """Return what Keras's evaluate over the batches returns, a list of arrays in its order, run eagerly."""
    from keras.src.utils.python_utils import pythonify_logs

    model.run_eagerly = True
    model.make_test_function(force=True)
    model.reset_metrics()
    for batch in fed:
        x, y, sample_weight = layout.pack([tf.convert_to_tensor(batch[name]) for name in layout.names])
        logs = model.test_function(iter([as_fit_passes(x, y, sample_weight)]))
    logs = pythonify_logs(model._get_metrics_result_or_logs(logs))
    return [np.asarray(value, np.float64) for value in logs.values()]


def _graph_predictions(signatures, run, fed):
    made = run(PREDICT, {name: fed[0][name] for name in signatures.layout.inputs})
    return [np.asarray(made[entry["name"]], np.float64) for entry in signatures.described[PREDICT]["outputs"]]


def _graph_metrics(signatures, run, fed):
    run(RESET, {})
    for batch in fed:
        values = run(EVALUATE, {name: batch[name] for name in signatures.layout.names})
    entry = signatures.described.get(METRICS)
    if entry:
        values = run(METRICS, {})
    return [values[value["output"]] for value in (entry or signatures.described[EVALUATE])["values"]]


_OF_KERAS = {PREDICT: keras_predictions, EVALUATE: keras_metrics}
_OF_GRAPH = {PREDICT: _graph_predictions, EVALUATE: _graph_metrics}


def difference(found, expected):
    """Return the largest difference of two lists of arrays, relative to the largest value of each; infinity if other.

    Values that are not finite must be the same ones.
    """
    worst = 0.0
    for a, b in zip(found, expected, strict=True):
        if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
            return float("inf")
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
        if b.size:
            worst = max(worst, float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-12)))
    return worst
