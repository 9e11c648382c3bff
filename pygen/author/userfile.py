"""Models in a file of their author: a function that returns one, or a script that trains one."""

import importlib.util
import os
import sys

from pygen.author import arguments, faults, fitting, own, ownstep
from pygen.author.faults import located
from pygen.author.notices import Notices
from pygen.author.origin import SETTINGS, Author, Batches
from pygen.errors import ExportError, UsageError
from pygen.examples.data import Settings

DATA_SEED = 1


def author(request):
    """Return the Author of FILE.py:FUNCTION. Raises ExportError, UsageError."""
    module = _imported(request.spec.path, "name the file alone, without a function, to time what it trains")
    return _author(vars(module), request.spec.function, request)


def own_step(request):
    """Return the Author of a file that defines step(x, y) and data(). Raises ExportError."""
    path = request.spec.path
    module = _imported(path, f"take {ownstep.STEP} or {ownstep.DATA} away, to time what it trains")
    notices = Notices()
    with own.code():
        model, examples = ownstep.model_of(module.step, module.data, notices)
    samples = request.samples or SETTINGS.samples
    said = (
        {"batches": Batches(examples, of="step(...)")} if hasattr(examples, "element_spec") else {"returned": examples}
    )
    return Author(model, Settings(samples, SETTINGS.batch, SETTINGS.epochs), notices=notices, **said)


def _imported(path, otherwise):
    """Return the module of a file that trains nothing while it is imported. Raises ExportError."""
    try:
        with fitting.watching(_refuse):
            return load(path)
    except _Trains:
        raise ExportError(
            f'{path} trains while it is imported: put that under `if __name__ == "__main__":`, or {otherwise}'
        ) from None


def author_in(names, request):
    """Return the Author of a script that trains nothing, by its names {name: value}: its build(), or its only model.

    Raises ExportError, UsageError.
    """
    return _author(names, _only(names, request.spec.path), request)


def _author(names, function, request):
    path = request.spec.path
    if function not in names:
        have = [
            name
            for name, value in names.items()
            if callable(value) and getattr(value, "__module__", "") == names.get("__name__")
        ]
        raise ExportError(f"{path} has no {function}; it has {', '.join(have) or 'no function'}")
    model = _model(names[function], request, f"{path}:{function}")
    return Author(model, **_said(names, request))


class _Trains(BaseException):
    """What a call of fit(...) raises where nothing is to be trained. It is no Exception: scripts catch those."""


def _refuse(call):
    raise _Trains


def _first(given):
    return f"--arg {next(iter(given))}" if given else "--width"


def load(path):
    """Import the file at `path` and return the module. Raises ExportError, with the line at fault."""
    directory, name = os.path.split(os.path.abspath(path))
    faults.add_home(directory)
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


def _only(names, path):
    """Return the name of the function or model that a file named without one stands for. Raises ExportError."""
    import keras

    if callable(names.get("build")):
        return "build"
    models = [name for name, value in names.items() if isinstance(value, keras.Model)]
    if len(models) == 1:
        return models[0]
    if models:
        raise ExportError(
            f"{path} trains nothing, and has the models {', '.join(models)}: name one, as in {path}:{models[0]}"
        )
    raise ExportError(
        f"{path} has no function build() that returns a Keras model, no model, and calls no model.fit(...): name its "
        f"function, as in {path}:make_model"
    )


def _model(found, request, where):
    """Return the Keras model that `found` is, or returns when it is called with the arguments of `request`."""
    import keras

    given = request.arguments
    if isinstance(found, keras.Model):
        if given or request.width:
            raise UsageError(f"{_first(given)}: {where} is a model and takes no arguments")
        return found
    if not callable(found):
        raise ExportError(f"{where} is {type(found).__name__}, and neither a function nor a Keras model")
    given = arguments.widened(found, given, request.width)
    arguments.check(found, given)
    with fitting.watching(_refuse), located(f"{where} fails"):
        try:
            model = found(**given)
        except _Trains:
            raise ExportError(
                f"{where} calls fit(...): it must return the model, and leave training to epochtime"
            ) from None
    if not isinstance(model, keras.Model):
        raise ExportError(f"{where} returns {type(model).__name__}, and not a Keras model")
    return model


def _said(names, request):
    """Return what else the file says of its model, as keywords of Author: data, preprocess, fit."""
    fit = names.get("fit") or {}
    if not isinstance(fit, dict):
        fit = {}
    samples = request.samples or fit.get("samples") or SETTINGS.samples
    settings = Settings(samples, fit.get("batch_size", SETTINGS.batch), fit.get("epochs", SETTINGS.epochs))
    said = {"settings": settings, "class_weight": fit.get("class_weight") or {}, "batch": fit.get("batch_size")}
    if "data" in names:
        with located(f"data({samples}, {DATA_SEED}) of {request.spec.path} fails"):
            said["returned"] = names["data"](samples, DATA_SEED)
    if "preprocess" in names:
        with located(f"preprocess() of {request.spec.path} fails"):
            said["layers"] = names["preprocess"]()
    return said
