"""Loss and optimizer of a model: those asked for, else those it was compiled with, else the likely ones."""

from pygen.author.faults import located
from pygen.errors import UsageError
from pygen.model import derive
from pygen.model.forward import has_own_step

OPTIMIZER = "adam"


def settle(model, request, outputs, targets, notices):
    """Compile the model as the request asks, and note what is assumed. Raises ExportError, UsageError.

    `outputs` is a function that returns the nest of the model's outputs. `targets` is how many dimensions a given
    target has beside the batch, None if none is given.
    """
    if request.loss or not model.compiled:
        loss = request.loss
        if not loss:
            loss = derive.likely_loss(model, outputs(), targets)
            notices.say(
                "loss",
                f"the model is not compiled: it trains with {loss} and "
                f"{request.optimizer or OPTIMIZER}; --loss and --optimizer name others",
            )
        optimizer = model.optimizer if model.compiled else OPTIMIZER
        with located(f"the model cannot be compiled with the loss {loss}"):
            model.compile(optimizer=optimizer, loss=loss)
    if request.optimizer or request.learning_rate:
        if model.optimizer is None:
            raise UsageError(
                "--optimizer and --learning-rate are for a model with one optimizer of Keras, which this one has not"
            )
        model.optimizer = _scaled(model, make_optimizer(model.optimizer, request.optimizer, request.learning_rate))
    if model.optimizer is None and not has_own_step(model):
        raise UsageError("the model is compiled without an optimizer: give --optimizer NAME --loss NAME")
    if request.precision == "mixed_float16" and model.optimizer is not None:
        model.optimizer = _scaled(model, model.optimizer)


def make_optimizer(present, name, learning_rate):
    """Return the optimizer `name`, or a copy of `present` if that is None, at `learning_rate` if given.

    Raises UsageError for an unknown name.
    """
    import keras

    present = getattr(present, "inner_optimizer", present)
    if name:
        try:
            present = keras.optimizers.get(name)
        except (ValueError, TypeError):
            raise UsageError(f"Keras has no optimizer named {name}; try sgd, adam, adamw, rmsprop or lion") from None
    config = present.get_config()
    if learning_rate:
        config["learning_rate"] = learning_rate
    return present.__class__.from_config(config)


def _scaled(model, optimizer):
    """Return the optimizer, with loss scaling if the model computes in float16, as compile(...) does."""
    import keras

    halves = any(layer.compute_dtype == "float16" for layer in model._flatten_layers())
    if not halves or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer, name="loss_scale_optimizer")
