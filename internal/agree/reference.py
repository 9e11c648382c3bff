"""What Keras itself makes of a script's first fit: one epoch on one thread, of a graph that nothing rewrites.

`python reference.py SCRIPT [ARGUMENT …]` runs the script as `__main__` and ends after its first fit, whose epoch keeps
its order. The last line that it prints is JSON: the loss of the first steps, the History, and, unless Python makes
batches that come only once, both again for each way in which the start weights are moved by their last bit.
"""

import collections.abc
import inspect
import json
import os
import runpy
import sys

STEPS = 10
SEED = 1  # of the exporter: pygen/examples/source.py


def main(script, *arguments):
    """Run the script."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import keras
    import tensorflow as tf

    plain = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    plain.graph_options.rewrite_options.disable_meta_optimizer = True
    plain.graph_options.optimizer_options.opt_level = tf.compat.v1.OptimizerOptions.L0
    from tensorflow.python.eager import context

    context.context()._config = plain  # the public options have no opt_level
    keras.utils.set_random_seed(SEED)
    original = keras.Model.fit

    def fit(model, *given, **named):
        tell(original, model, given, named)
        sys.stdout.flush()
        os._exit(0)  # whatever the script does to catch an exit

    keras.Model.fit = fit
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")
    sys.exit(f"{script} calls no fit")


def tell(fit, model, given, named):
    """Train an epoch from the start weights and from those moved by their last bit, and print what came of each."""
    import numpy as np

    bound = inspect.signature(fit).bind(model, *given, **named)
    bound.apply_defaults()
    told = {name: value for name, value in bound.arguments.items() if name != "self"}
    told |= {"shuffle": False, "verbose": 0, "epochs": told["initial_epoch"] + 1}
    start, runs = {}, []
    once = any(isinstance(each, collections.abc.Iterator) for each in (told["x"], told["validation_data"]))
    for towards in (None,) if once else (None, np.inf, -np.inf):
        watched = watch(model, start, towards)
        history = fit(model, **told | {"callbacks": [watched]}).history
        epoch = {name: float(values[0]) for name, values in history.items() if np.ndim(values[0]) == 0}
        runs.append({"losses": watched.losses, "epoch": epoch})
    print(json.dumps({"keras": runs[0], "moved": runs[1:], "counts": counts(model)}))


def counts(model):
    """Return the names of the metrics that count examples, and so change by whole ones."""
    compiled = model._compile_metrics.metrics if model._compile_metrics else []
    modules = "accuracy_metrics", "confusion_metrics"
    return [metric.name for metric in compiled if type(metric).__module__.endswith(modules)]


def watch(model, start, towards):
    """Return a callback that has the `losses` of the first steps afterwards, and changes nothing that Keras computes.

    It keeps the variables in `start` where that is empty. Else it puts them back, the weights moved by their last bit
    `towards` a number.
    """
    import keras

    class Watch(keras.callbacks.Callback):
        losses = ()

        def on_train_begin(self, logs=None):
            self.losses = []
            function, model.train_function = model.train_function, lambda iterator: step(function, iterator)

        def on_train_end(self, logs=None):
            model.train_function = None

    def step(function, iterator):
        if not watched.losses:
            begin(model, start, towards, function, iterator)
        # That of a train_step of the script's own has the name too.
        tracker = next((metric for metric in model.metrics if metric.name == "loss"), None)
        if len(watched.losses) == STEPS or tracker is None:
            return function(iterator)
        before = [v.numpy() for v in tracker.variables]
        tracker.reset_state()
        try:
            logs = function(iterator)
            watched.losses.append(float(tracker.result()))
        finally:  # the addition that Keras would have made
            for variable, value in zip(tracker.variables, before, strict=True):
                variable.assign(value + variable.numpy())
        return logs

    watched = Watch()
    return watched


def begin(model, start, towards, function, iterator):
    """Keep the variables in `start`, or put them back, moved. The model is built, as its first step would build it."""
    import numpy as np

    traced = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
    traced.get("multi_step_on_iterator", function).get_concrete_function(iterator)
    variables = {id(v): v for v in [*model.variables, *model.optimizer.variables]}
    if not start:
        start.update({key: v.numpy() for key, v in variables.items()})
        return
    trained = {id(v) for v in model.trainable_variables}
    for key, variable in variables.items():
        value = start[key]
        if key in trained and value.dtype == np.float32:
            value = np.nextafter(value, np.float32(towards))
        variable.assign(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
