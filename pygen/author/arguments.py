"""The arguments of a function that returns a model, as --arg gives them."""

import inspect

from pygen.errors import UsageError

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check(function, given):
    """Raise UsageError unless `function` can be called with the arguments `given`, a dict.

    The message names the argument that is unknown or missing, and lists those that the function takes. A function
    whose parameters Python does not know is not checked.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return
    called = f"{getattr(function, '__name__', 'its function')}(...)"
    named = {name: parameter for name, parameter in parameters.items() if parameter.kind in _NAMED}
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        for name in given:
            if name not in named:
                raise UsageError(f"--arg {name}: {called} has no argument of that name; {_listed(named)}")
    for name, parameter in named.items():
        if parameter.default is inspect.Parameter.empty and name not in given:
            raise UsageError(f"{called} needs the argument {name}: give --arg {name}=VALUE; {_listed(named)}")


WIDTHS = ("width", "filters", "units")


def widened(function, given, times):
    """Return the arguments `given` with the first of WIDTHS that `function` takes `times` as large.

    `times` may be None. Raises UsageError if the function has no such argument that is an integer.
    """
    if times is None:
        return given
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        parameters = {}
    for name in WIDTHS:
        usual = given.get(name, parameters[name].default) if name in parameters else None
        if isinstance(usual, int) and not isinstance(usual, bool):
            return given | {name: max(1, round(usual * times))}
    called = f"{getattr(function, '__name__', 'its function')}(...)"
    raise UsageError(f"--width: {called} takes no {', '.join(WIDTHS[:-1])} or {WIDTHS[-1]} that is an integer")


def _listed(named):
    """Say which arguments there are, with their defaults."""
    if not named:
        return "it takes none"
    return f"it takes {', '.join(_shown(parameter) for parameter in named.values())}"


def _shown(parameter):
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default!r}"
