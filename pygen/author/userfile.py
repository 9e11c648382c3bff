"""Models in a file of their author: a function that returns one, or a script that trains one."""

import importlib.util
import os
import sys

from pygen.author import arguments, takeover
from pygen.author.faults import located
from pygen.author.origin import SETTINGS, Author
from pygen.errors import ExportError, UsageError
from pygen.examples.data import Settings

DATA_SEED = 1


def author(request):
    """Return the Author of FILE.py:FUNCTION, or of FILE.py: its build(), its only model, or what it trains.

    Raises ExportError, UsageError.
    """
    path, function = request.spec.path, request.spec.function
    module, fit = _run(path, whole=not function)
    if not function and fit is not None and not hasattr(module, "build"):
        if request.arguments:
            raise UsageError(f"{_first(request.arguments)}: {path} is a script, and has no function to give it to")
        return _taken_over(fit)
    function = function or _only(module, path)
    if not hasattr(module, function):
        have = [
            name
            for name, value in vars(module).items()
            if callable(value) and getattr(value, "__module__", "") == module.__name__
        ]
        raise ExportError(f"{path} has no {function}; it has {', '.join(have) or 'no function'}")
    model = _model(getattr(module, function), request.arguments, f"{path}:{function}")
    return Author(model, **_said(module, request))


def _first(given):
    return f"--arg {next(iter(given))}"


def load(path):
    """Import the file at `path` and return the module. Raises ExportError, with the line at fault."""
    directory, name = os.path.split(os.path.abspath(path))
    if directory not in sys.path:
        sys.path.insert(0, directory)
    name = os.path.splitext(name)[0]
    if name in sys.modules:
        name = f"{name}_of_{os.path.basename(directory)}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with located(f"{path} cannot be imported"):
        spec.loader.exec_module(module)
    return module


def _run(path, whole):
    """Return (module, `takeover.Fit` or None) of the file at `path`: what it trains, where it trains at once.

    If the `whole` file is named and importing it leads to no model, it is run as a script.
    """
    with takeover.watching():
        try:
            module = load(path)
        except takeover.Fit as fit:
            if whole:
                return None, fit
            raise ExportError(
                f'{path} trains while it is imported: put that under `if __name__ == "__main__":`, or name the file '
                "alone, without a function, to time what it trains"
            ) from None
        if not whole or hasattr(module, "build") or _models(module):
            return module, None
        try:
            return takeover.as_script(path), None
        except takeover.Fit as fit:
            return module, fit


def _models(module):
    import keras

    return [name for name, value in vars(module).items() if isinstance(value, keras.Model)]


def _only(module, path):
    """Return the name of the function or model that a file named without one stands for. Raises ExportError."""
    if hasattr(module, "build"):
        return "build"
    models = _models(module)
    if len(models) == 1:
        return models[0]
    if models:
        raise ExportError(f"{path} has the models {', '.join(models)}: name one, as in {path}:{models[0]}")
    raise ExportError(
        f"{path} has no function build() that returns a Keras model, no model, and calls no model.fit(...): name its "
        f"function, as in {path}:make_model"
    )


def _model(found, given, where):
    """Return the Keras model that `found` is, or returns when it is called with the arguments `given`."""
    import keras

    if isinstance(found, keras.Model):
        if given:
            raise UsageError(f"{_first(given)}: {where} is a model and takes no arguments")
        return found
    if not callable(found):
        raise ExportError(f"{where} is {type(found).__name__}, and neither a function nor a Keras model")
    arguments.check(found, given)
    with takeover.watching(), located(f"{where} fails"):
        try:
            model = found(**given)
        except takeover.Fit:
            raise ExportError(
                f"{where} calls fit(...): it must return the model, and leave training to epochtime"
            ) from None
    if not isinstance(model, keras.Model):
        raise ExportError(f"{where} returns {type(model).__name__}, and not a Keras model")
    return model


def _said(module, request):
    """Return what else the module says of its model, as keywords of Author: data, preprocess, fit."""
    fit = getattr(module, "fit", None) or {}
    if not isinstance(fit, dict):
        fit = {}
    samples = request.samples or fit.get("samples") or SETTINGS.samples
    settings = Settings(samples, fit.get("batch_size", SETTINGS.batch), fit.get("epochs", SETTINGS.epochs))
    said = {"settings": settings, "class_weight": fit.get("class_weight") or {}, "batch": fit.get("batch_size")}
    if hasattr(module, "data"):
        with located(f"data({samples}, {DATA_SEED}) of {request.spec.path} fails"):
            said["returned"] = module.data(samples, DATA_SEED)
    if hasattr(module, "preprocess"):
        with located(f"preprocess() of {request.spec.path} fails"):
            said["layers"] = module.preprocess()
    return said


def _taken_over(fit):
    batch = fit.batch_size or SETTINGS.batch
    settings = Settings(fit.samples, batch, min(fit.epochs, SETTINGS.epochs))
    return Author(
        fit.model, settings, fit.examples, class_weight=fit.class_weight or {}, batch=batch, notices=fit.notices
    )
