"""Models of keras.applications by name, as keras:ResNet50."""

import difflib
import inspect

from pygen.author import arguments
from pygen.author.faults import located
from pygen.author.origin import Author
from pygen.errors import ExportError, UsageError


def author(request):
    """Return the Author of a model of keras.applications. Raises ExportError, UsageError.

    It has no trained weights unless they are asked for, because they must be fetched.
    """
    import keras

    name = request.spec.function
    function = getattr(keras.applications, name, None)
    if not inspect.isfunction(function):
        known = [n for n, f in vars(keras.applications).items() if inspect.isfunction(f)]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean keras:{near[0]}?" if near else f"; there are {', '.join(sorted(known))}"
        raise UsageError(f"keras.applications has no model {name}{hint}")
    given = {"weights": None} | request.arguments
    if "" in request.shapes:
        given["input_shape"] = request.shapes[""]
    if request.classes:
        given["classes"] = request.classes
    arguments.check(function, given)
    try:
        with located(f"keras:{name} cannot be built"):
            return Author(function(**given))
    except ExportError as error:
        if given["weights"] is not None:
            raise ExportError(
                f"{error}; trained weights are fetched from the network, --arg weights=None needs none"
            ) from error
        raise
