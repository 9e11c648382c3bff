"""Where a model comes from: built in, a person's own file, a saved model, or keras.applications.

A `Spec` is what the command line names; `author(spec, ...)` gives the model with all that its author says of it.
"""

import ast
import difflib
import importlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from pygen.errors import ExportError, UsageError
from pygen.examples import data

MODELS = Path(__file__).parents[1] / "models"
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)


@dataclass(frozen=True)
class Spec:
    """One model as the command line names it: `kind` is "built-in", "file", "saved" or "application"."""

    text: str
    kind: str
    path: str = ""
    function: str = ""

    @property
    def name(self):
        """Return the model's name, for its graph's folder."""
        if self.kind == "built-in":
            return self.text
        if self.kind == "application":
            return self.function.lower()
        name = re.sub(r"[^A-Za-z0-9._]+", "-", Path(self.path).stem).strip("-.") or "model"
        return name if self.function in ("", "build") else f"{name}-{self.function}"


@dataclass
class Author:
    """A model and what its author says of it.

    `returned` are examples, x, (x, y) or (x, y, sample_weight); `recipe` draws them; `layers` is what preprocess()
    returned. `batch` is the batch size that comes with the examples.
    """

    model: object
    settings: data.Settings = SETTINGS
    returned: object = None
    recipe: data.Recipe | None = None
    layers: object = None
    class_weight: dict = field(default_factory=dict)
    batch: int | None = None
    notices: list = field(default_factory=list)


def built_in():
    """Return {model name: its one-line description}, without importing any."""
    files = sorted(p for p in MODELS.glob("*.py") if not p.stem.startswith("_"))
    return {p.stem: ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))).splitlines()[0] for p in files}


def parse(text):
    """Return the Spec that `text` names. Raises UsageError with what may be meant."""
    if text.startswith("keras:"):
        return Spec(text, "application", function=_identifier(text.removeprefix("keras:"), text))
    if text.endswith(".keras"):
        return Spec(text, "saved", path=_existing(text))
    path, _, function = text.partition(".py:")
    if function or text.endswith(".py"):
        path = _existing(path if path.endswith(".py") else path + ".py")
        return Spec(text, "file", path=path, function=_identifier(function, text) if function else "")
    known = built_in()
    if text not in known:
        near = difflib.get_close_matches(text, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UsageError(f"no model is named {text}; {hint} (a model of your own is FILE.py:FUNCTION or FILE.keras)")
    return Spec(text, "built-in")


def _identifier(name, text):
    if not name.isidentifier():
        raise UsageError(f"{text}: {name!r} is not the name of a function")
    return name


def _existing(path):
    if not os.path.isfile(path):
        raise UsageError(f"{path}: there is no such file")
    return path


def module_of(spec):
    """Return the module of a built-in model."""
    return importlib.import_module(f"pygen.models.{spec.text}")


def author(request):
    """Return the Author of the model that an `export.Request` asks for. Runs its code. Raises ExportError."""
    import keras

    if request.precision:
        keras.config.set_dtype_policy(request.precision)
    from pygen.author import applications, saved, userfile

    kinds = {"built-in": _built_in, "file": userfile.author, "saved": saved.author, "application": applications.author}
    for path in request.imports:
        userfile.load(path)
    return kinds[request.spec.kind](request)


def _built_in(request):
    module = module_of(request.spec)
    arguments = request.build_arguments() | request.arguments
    try:
        model = module.build(**arguments)
    except (ValueError, TypeError) as error:
        given = ", ".join(f"{k}={v}" for k, v in arguments.items())
        raise ExportError(f"{request.spec.text} cannot be built with {given}: {str(error).splitlines()[0]}") from error
    return Author(model, module.SETTINGS, recipe=module.DATA)
