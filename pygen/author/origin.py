"""Which model is meant: a built-in one, a file of its author, a saved model, or one of keras.applications.

A `Spec` is what the command line names. An `Author` is the model with all that its author says of it;
`build.author` makes it.
"""

import ast
import difflib
import importlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from pygen.author.notices import Notices
from pygen.errors import UsageError
from pygen.examples import data

MODELS = Path(__file__).parents[1] / "models"
SETTINGS = data.Settings(samples=1000, batch=32, epochs=5)

VALIDATION = "validation"  # what batches are given to, where it is not training

MODULE = "module:"  # before the name of a module that `python -m` runs

# The kinds of models, in the words of messages.
KINDS = {
    "built-in": "built-in models",
    "file": "models in a Python file",
    "saved": "saved models",
    "application": "models of keras.applications",
}


@dataclass(frozen=True)
class Spec:
    """One model as the command line names it: `kind` is one of `KINDS`. A module that is run has no `path`."""

    text: str
    kind: str
    path: str = ""
    function: str = ""

    @property
    def name(self):
        """The name of the model, for the folder of its graph."""
        if self.kind == "built-in":
            return self.text
        if self.kind == "application":
            return self.function.lower()
        stem = Path(self.path).stem or self.text.removeprefix(MODULE).rpartition(".")[2]
        name = re.sub(r"[^A-Za-z0-9._]+", "-", stem).strip("-.") or "model"
        return name if self.function in ("", "build") else f"{name}-{self.function}"


@dataclass
class Batches:
    """Batches that a script makes: a tf.data.Dataset of them, and how many an epoch takes, None for all of a pass.

    `source` says what makes them where that is Python, "" where they are a tf.data pipeline. `whole` is how many a pass
    has where only Keras knows. `of` is what they are given to, in words.
    """

    dataset: object
    steps: int | None = None
    source: str = ""
    whole: int | None = None
    of: str = "fit(...)"

    def steps_named(self):
        """Return the argument of fit that says how many there are."""
        return "validation_steps" if self.of == VALIDATION else "steps_per_epoch"

    def bounded_by(self):
        """Return what to do where they have no end."""
        what = "the batches of a pass" if self.of == VALIDATION else "an epoch then"
        return f"give it {self.steps_named()}, which is {what}"


@dataclass
class Validation:
    """What follows the training of an epoch. `every` are the epochs after which it does, as the manifest has them."""

    batches: Batches
    every: list


@dataclass
class Author:
    """A model and what its author says of it.

    `returned` are examples: x, (x, y) or (x, y, sample_weight), which `giver` gives; `batches` may be in their place.
    `recipe` draws examples. `layers` is what preprocess() returned. `batch` is the batch size that comes with the
    examples, and `shuffle` tells that each epoch has another order of them. `notices` say what of the author's training
    is not timed, or was assumed.
    """

    model: object
    settings: data.Settings = SETTINGS
    returned: object = None
    giver: str = "data(n, seed) returns"
    recipe: data.Recipe | None = None
    layers: object = None
    class_weight: dict = field(default_factory=dict)
    batch: int | None = None
    batches: Batches | None = None
    shuffle: bool = False
    validation: Validation | None = None
    notices: Notices = field(default_factory=Notices)


def names():
    """Return the names of the built-in models, sorted."""
    return sorted(path.stem for path in MODELS.glob("*.py") if not path.stem.startswith("_"))


def built_in():
    """Return {name: one-line description} of the built-in models, without importing any."""
    texts = {name: (MODELS / f"{name}.py").read_text(encoding="utf-8") for name in names()}
    return {name: ast.get_docstring(ast.parse(text)).splitlines()[0] for name, text in texts.items()}


def parse(text):
    """Return the Spec that `text` names. Raises UsageError, with the name that may be meant."""
    if text.startswith("keras:"):
        return Spec(text, "application", function=_identifier(text.removeprefix("keras:"), text))
    if text.startswith(MODULE):
        return Spec(text, "file")
    if text.endswith(".ipynb"):
        return Spec(text, "file", path=_existing(text))
    if text.endswith((".keras", ".h5")):
        return Spec(text, "saved", path=_existing(text))
    path, _, function = text.partition(".py:")
    if function or text.endswith(".py"):
        path = _existing(path if path.endswith(".py") else path + ".py")
        return Spec(text, "file", path=path, function=_identifier(function, text) if function else "")
    if text not in (known := names()):
        near = difflib.get_close_matches(text, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UsageError(
            f"no model is named {text}; {hint} (a model of your own is FILE.py:FUNCTION, FILE.keras or FILE.h5)"
        )
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
