"""Training that is no call of fit(...): a loop that a script writes itself is recognised at its first step.

Such a loop is refused before anything is trained, with what makes it work; calls of train_on_batch(...) are answered
without training, until the batches of an epoch are known.
"""

import contextlib
import sys
from dataclasses import dataclass, field
from unittest import mock

import numpy as np

from pygen.author import ahead, audit, faults
from pygen.author.notices import Notices

MOST_BYTES = 1 << 30  # of the batches of train_on_batch(...)

ADVICE = """\
To time its step, put these into a file of their own and name that:
  def step(x, y):
      ...          # what one step of the loop does, with the model and optimizer of the file
      return loss
  def data():
      return x, y  # arrays, or a tf.data.Dataset of such batches"""

_STRATEGIES = (
    "MirroredStrategy",
    "MultiWorkerMirroredStrategy",
    "TPUStrategy",
    "ParameterServerStrategy",
    "CentralStorageStrategy",
    "OneDeviceStrategy",
)
_ONE_REPLICA = "OneDeviceStrategy"
_RESTORING = {"set_weights", "load_weights", "load_own_variables", "load_model"}


class Refusal(BaseException):
    """A script trains in a way that cannot be timed; the message says what to do. Scripts do not catch it."""


class Collected(BaseException):
    """The batches of an epoch of train_on_batch(...) are known, which ends the script."""

    def __init__(self, batches):
        """Take the `Batches`."""
        super().__init__()
        self.batches = batches


@dataclass
class Batches:
    """What train_on_batch(...) is called with: a model, and [(x, y, sample_weight)], which are nests of arrays."""

    model: object
    where: str
    line: int
    batches: list = field(default_factory=list)


class Loops:
    """What a script has done in loops of its own: `batches` is None, or the `Batches` of train_on_batch(...).

    `refusal` is None, or the first Refusal, which a thread or a bare `except:` of the script may have swallowed.
    `passed` is "", or what is wrong with the first loop that went on because a fit(...) was to come.
    """

    def __init__(self, own, steps_per_epoch, one_replica, notices):
        """Take what `watching` takes."""
        self.own, self.steps, self.one_replica, self.notices = own, steps_per_epoch, one_replica, notices
        self.batches = self.refusal = None
        self.passed = ""
        self._differentiated = set()  # ids of the variables by which the script has made gradients
        self._bytes = 0

    def apply(self, *_, **__):
        """Refuse an optimizer's update."""
        self.refuse("updates weights by an optimizer")

    def refuse(self, how):
        """Raise Refusal for a loop, unless this exporter's own code runs.

        A loop with a fit(...) after it goes on, for the sake of that; it is `passed`.
        """
        if self.own():
            return
        where = faults.caller()
        text = f"it trains in a loop of its own, not by fit(...): {where} {how}.\n{ADVICE}"
        if not ahead.has_fit():
            self._raise(text)
        if not self.passed:
            self.passed = text
            self.notices.say("loop", f"the script also trains in a loop of its own, at {where}, which is not timed")

    def _raise(self, text):
        self.refusal = self.refusal or Refusal(text)
        raise self.refusal

    def gradient(self, tape, target, sources, *_, **__):
        """Note the variables by which gradients are made."""
        import keras
        import tensorflow as tf

        if not self.own():
            leaves = [leaf.value if isinstance(leaf, keras.Variable) else leaf for leaf in tf.nest.flatten(sources)]
            self._differentiated |= {leaf._unique_id for leaf in leaves if isinstance(leaf, tf.Variable)}

    def assign(self, variable, *_, **__):
        """Refuse a change of a variable by which the script has made gradients."""
        known = getattr(variable, "_unique_id", None) in self._differentiated
        if known and variable.trainable and not self.own() and not _is_restoring():
            self.refuse("changes weights by hand")

    def train_on_batch(self, model, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """Return what a step might, without training; raises Collected at the last one of an epoch."""
        where = faults.caller()
        if self.steps is None:
            self._raise(
                f"it trains by train_on_batch(...) at {where}, which does not say how long an epoch is: give "
                "--steps-per-epoch N, its number of calls"
            )
        if self.batches is None:
            self.batches = Batches(model, where, faults.calling_line())
        if self.batches.model is not model:
            self._raise(
                f"it trains several models in turn by train_on_batch(...), at {self.batches.where} and {where}: "
                f"neither is a step by itself.\n{ADVICE}"
            )
        if class_weight is not None:
            from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

            sample_weight = class_weight_to_sample_weights(y, class_weight)
        self._keep((x, y, sample_weight))
        if len(self.batches.batches) == self.steps:
            raise Collected(self.batches)
        return _untrained(model, x, y, sample_weight, return_dict)

    def _keep(self, batch):
        import keras

        batch = keras.tree.map_structure(
            lambda leaf: None if leaf is None else np.array(leaf), batch, none_is_leaf=True
        )
        self._bytes += sum(leaf.nbytes for leaf in keras.tree.flatten(batch) if leaf is not None)
        self.batches.batches.append(batch)
        if self._bytes > MOST_BYTES:
            self._raise(
                f"an epoch of train_on_batch(...) takes more than 1 GiB, after {len(self.batches.batches)} of "
                f"{self.steps} batches: give a smaller --steps-per-epoch"
            )

    def strategy(self, name):
        """Return the one replica that is timed in place of a strategy. Raises Refusal unless it is asked for."""
        import tensorflow as tf

        if name != _ONE_REPLICA:
            if not self.one_replica:
                self._raise(
                    f"it trains on several replicas, by {name}(...) at {faults.caller()}: --one-replica times one of "
                    "them, without what they say to each other"
                )
            self.notices.say("strategy", f"the script trains by {name}(...), and one replica by itself is timed")
        return tf.distribute.get_strategy()

    def old(self, *_, **__):
        """Refuse a script that turns back to TensorFlow 1."""
        self._raise(
            f"it is written for TensorFlow 1, with graphs and sessions ({faults.caller()}), and not for Keras 3"
        )


def refuse_own_function(model):
    """Raise Refusal for a model that makes its train_function itself, which fit(...) would call."""
    import keras

    own = type(model).make_train_function is not keras.Model.make_train_function
    function = getattr(model.train_function, "python_function", model.train_function)
    code = getattr(function, "__code__", None)
    if own or (code is not None and faults.is_authors(code.co_filename)):
        raise Refusal(f"{type(model).__name__} has a train_function of its own, which fit(...) calls.\n{ADVICE}")


def _is_restoring():
    """Report whether Keras is setting weights: from a file, or from what get_weights() returned."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name in _RESTORING and not faults.is_authors(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def _untrained(model, x, y, sample_weight, return_dict):
    """Return the loss and metrics of a batch as train_on_batch(...) does; zeros where they cannot be computed."""
    try:
        return model.test_on_batch(x, y, sample_weight, return_dict=return_dict)
    except Exception:  # a model with a train_step of its own may have no other
        zeros = {metric.name: np.float32(0) for metric in model.metrics} or {"loss": np.float32(0)}
    if return_dict:
        return zeros
    return next(iter(zeros.values())) if len(zeros) == 1 else list(zeros.values())


@contextlib.contextmanager
def watching(own, steps_per_epoch=None, one_replica=False, notices=None):
    """Within it, training outside fit(...) raises Refusal at its first step; it gives the `Loops`.

    `own` is a function that reports whether this exporter's own code is running, which may train. `steps_per_epoch` is
    how many calls of train_on_batch(...) are an epoch: at the last of the first one, Collected is raised. None refuses
    such calls. `one_replica` lets strategies of tf.distribute be the default one, else they raise Refusal.
    """
    loops = Loops(own, steps_per_epoch, one_replica, Notices() if notices is None else notices)
    with contextlib.ExitStack() as stack:
        for owner, name, value in [*_updates(loops), *_replaced(loops)]:
            stack.enter_context(mock.patch.object(owner, name, value))
        yield loops


def _updates(loops):
    """Return (owner, name, what stands in) of all that updates weights."""
    import tensorflow as tf
    from keras.src.optimizers import base_optimizer, loss_scale_optimizer
    from tensorflow.python.ops.resource_variable_ops import BaseResourceVariable, ResourceVariable

    base, scaled = base_optimizer.BaseOptimizer, loss_scale_optimizer.LossScaleOptimizer
    watched = [(base, "apply"), (base, "apply_gradients"), (scaled, "apply")]
    watched += [(tf.compat.v1.train.Optimizer, "apply_gradients")]
    found = [(owner, name, audit.noting(getattr(owner, name), loops.apply)) for owner, name in watched]
    found += [(tf.GradientTape, "gradient", audit.noting(tf.GradientTape.gradient, loops.gradient))]
    for name in ("assign", "assign_add", "assign_sub", "scatter_sub", "scatter_add", "scatter_update"):
        owners = [owner for owner in (BaseResourceVariable, ResourceVariable) if name in vars(owner)]
        found += [(owner, name, audit.noting(getattr(owner, name), loops.assign)) for owner in owners]
    return found


def _replaced(loops):
    """Return (owner, name, what stands in) of what is answered in another way."""
    import keras
    import tensorflow as tf

    train = keras.Model.train_on_batch

    def train_on_batch(model, *arguments, **keywords):
        return (train if loops.own() else loops.train_on_batch)(*([model] + list(arguments)), **keywords)

    old = tf.compat.v1
    found = [(keras.Model, "train_on_batch", train_on_batch)]
    found += [(old, name, loops.old) for name in ("disable_eager_execution", "disable_v2_behavior")]
    rooms = (tf.distribute, tf.distribute.experimental, old.distribute, old.distribute.experimental)
    for name in _STRATEGIES:
        stand_in = type(name, (), {"__new__": lambda cls, *_, **__: loops.strategy(cls.__name__)})
        found += [(room, name, stand_in) for room in rooms if hasattr(room, name)]
    return found
