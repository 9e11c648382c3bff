"""What becomes of each argument of fit(...) and compile(...): the table of docs/scripts.md, and the notices."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Argument:
    """One argument of Keras: of which method, what becomes of it, and the notice of a call.

    `notice` takes the model and what fit was given, {name: value}, and returns a sentence, "" for none.
    """

    name: str
    method: str
    becomes: str
    notice: Callable = lambda model, given: ""


def _callbacks(model, given):
    import keras

    callbacks = given["callbacks"] or []
    callbacks = getattr(callbacks, "callbacks", callbacks)
    callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    silent = (keras.callbacks.History, keras.callbacks.ProgbarLogger)
    names = dict.fromkeys(type(each).__name__ for each in callbacks if not isinstance(each, silent))
    if not names:
        return ""
    return f"the callbacks of fit ({', '.join(names)}) are not called, and their work is not in the time"


def _eagerly(model, given):
    if not model.run_eagerly:
        return ""
    return "the script trains eagerly (run_eagerly=True); what is timed is the same step as a graph, many times as fast"


def _per_execution(model, given):
    if model.steps_per_execution == 1:
        return ""
    return (
        f"steps_per_execution={model.steps_per_execution}: Keras calls TensorFlow once for so many steps; here "
        "each step is a call"
    )


def _shuffle(model, given):
    return 'shuffle="batch": the order is drawn by examples here' if given["shuffle"] == "batch" else ""


ARGUMENTS = (
    Argument("x", "fit", "honoured: arrays are fed in batches; a tf.data pipeline runs inside each epoch"),
    Argument("y", "fit", "honoured"),
    Argument("batch_size", "fit", "honoured, Keras's default of 32 included"),
    Argument("epochs", "fit", "at most 5 by default; --epochs gives another number"),
    Argument("verbose", "fit", "no progress bar is drawn"),
    Argument("callbacks", "fit", "named, by class: they are not called", _callbacks),
    Argument("validation_split", "fit", "honoured: the split is Keras's, and validation follows each epoch"),
    Argument("validation_data", "fit", "honoured: validation follows each epoch, in a time of its own"),
    Argument("shuffle", "fit", "honoured, also where it is the default; --shuffle=no turns it off", _shuffle),
    Argument("class_weight", "fit", "honoured"),
    Argument("sample_weight", "fit", "honoured"),
    Argument("initial_epoch", "fit", "subtracted from the number of epochs"),
    Argument("steps_per_epoch", "fit", "honoured: an epoch goes on where the one before has ended, as in Keras"),
    Argument("validation_steps", "fit", "honoured"),
    Argument("validation_batch_size", "fit", "honoured"),
    Argument("validation_freq", "fit", "honoured"),
    Argument("optimizer", "compile", "honoured; --optimizer gives another"),
    Argument("loss", "compile", "honoured; --loss gives another"),
    Argument("loss_weights", "compile", "honoured"),
    Argument("metrics", "compile", "honoured: they are computed in each step and reported by name"),
    Argument("weighted_metrics", "compile", "honoured, as metrics are"),
    Argument("run_eagerly", "compile", "named: a graph is timed", _eagerly),
    Argument("steps_per_execution", "compile", "named: each step is a call", _per_execution),
    Argument("jit_compile", "compile", 'honoured; "auto" is no XLA on a CPU, as in Keras'),
    Argument("auto_scale_loss", "compile", "honoured"),
)


def say(notices, model, given):
    """Add the notices of one call of fit to a `notices.Notices`. `given` are its arguments, {name: value}."""
    for argument in ARGUMENTS:
        if text := argument.notice(model, given):
            notices.say(argument.name, text)
