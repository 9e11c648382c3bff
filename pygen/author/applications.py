"""Models of keras.applications by name, as keras:ResNet50."""

import difflib
import inspect

from pygen.author.faults import located
from pygen.author.origin import Author
from pygen.errors import ExportError, UsageError


def author(request):
    """Return the Author of the application, by default without trained weights, which would have to be fetched."""
    import keras

    name = request.spec.function
    function = getattr(keras.applications, name, None)
    if not inspect.isfunction(function):
        known = [n for n, f in vars(keras.applications).items() if inspect.isfunction(f)]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean keras:{near[0]}?" if near else f"; there are {', '.join(sorted(known))}"
        raise UsageError(f"keras.applications has no model {name}{hint}")
    arguments = {"weights": None} | request.arguments
    if "" in request.shapes:
        arguments["input_shape"] = request.shapes[""]
    if request.classes:
        arguments["classes"] = request.classes
    if unknown := sorted(set(arguments) - set(inspect.signature(function).parameters)):
        raise UsageError(f"keras:{name} takes no argument {unknown[0]}")
    try:
        with located(f"keras:{name} cannot be built"):
            return Author(function(**arguments))
    except ExportError as error:
        if arguments["weights"] is not None:
            raise ExportError(
                f"{error}; trained weights are fetched from the network, --arg weights=None needs none"
            ) from error
        raise
