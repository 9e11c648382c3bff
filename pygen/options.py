"""The options of an export: one field each of `Options`, which holds all that is known of it.

The command line, the default name of a graph, the check of which option goes with which model and the request that the
exporter gets are all made from these fields.
"""

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from pygen.author import origin
from pygen.errors import UsageError
from pygen.values import class_weight, count, length, name, pair, positive, replicas, shape

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
TARGETS = ("cpu", "gpu")


@dataclass(frozen=True)
class About:
    """What is known of one option beside its value.

    `group` is its heading in the help; `parse` are further arguments of argparse's add_argument; `collect` turns the
    values of an option that is repeated into one, and `written` returns a value as text again, once for each time it is
    given. `shown` returns what a value adds to the default name of the graph, "" for nothing. `kinds` are the kinds of
    models that it is for, and `instead` says what to do for others.
    """

    flag: str
    group: str
    help: str
    parse: dict
    collect: Callable | None = None
    written: Callable = lambda value: [str(value)]
    shown: Callable = lambda value: ""
    kinds: tuple = tuple(origin.KINDS)
    instead: str = ""

    def words(self, value):
        """Return the words of a command line that give the option this value."""
        if self.parse.get("action") == "store_true":
            return [self.flag]
        return [f"{self.flag}={text}" for text in self.written(value)]


def _words(text):
    """Return `text` with only what the name of a folder may hold."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")


def _named(name, text):
    return f"{name}={text}" if name else text


_MADE_WITH = "what a model is made with"
_VARIANT = "how it differs from the plain model"


def _option(default, flag, group, help, *, collect=None, written=None, shown=None, kinds=None, instead="", **parse):
    """Return a field of `Options`. An option that is repeated names `collect`, which makes its default too."""
    known = {"collect": collect, "written": written, "shown": shown, "kinds": kinds, "instead": instead}
    about = About(flag, group, help, parse, **{key: value for key, value in known.items() if value})
    if collect:
        return field(default_factory=collect, metadata={"about": about})
    return field(default=default, metadata={"about": about})


def _switch(flag, group, help, **more):
    return _option(False, flag, group, help, shown=lambda on: flag.removeprefix("--"), action="store_true", **more)


@dataclass(frozen=True)
class Options:
    """What is asked of an export, in the order in which the default name of a graph shows it.

    `shapes` and `lengths` are by the name of an input, "" for the only one.
    """

    data: Path | None = _option(
        None,
        "--data",
        _MADE_WITH,
        "train a built-in model on the arrays x and y of an .npz file",
        type=Path,
        metavar="FILE",
        shown=lambda path: _words(path.stem) or "data",
        kinds=("built-in",),
        instead="export it without, and give the file to `epochtime run --data`",
    )
    arguments: dict = _option(
        {},
        "--arg",
        _MADE_WITH,
        "an argument of the function that returns the model",
        type=pair,
        action="append",
        metavar="KEY=VALUE",
        collect=dict,
        written=lambda given: [f"{key}={value!r}" for key, value in given.items()],
        shown=lambda given: "-".join(_words(f"{k}{v}") for k, v in given.items() if (k, v) != ("weights", None)),
        kinds=("built-in", "file", "application"),
    )
    shapes: dict = _option(
        {},
        "--input-shape",
        _MADE_WITH,
        "the shape of one example, where the model does not say",
        type=shape,
        action="append",
        metavar="[NAME=]N,N,N",
        collect=dict,
        written=lambda given: [_named(key, ",".join(map(str, sizes))) for key, sizes in given.items()],
        shown=lambda given: "-".join("x".join(map(str, dimensions)) for dimensions in given.values()),
        kinds=("file", "saved", "application"),
    )
    lengths: dict = _option(
        {},
        "--length",
        _MADE_WITH,
        "how long sequences are, where the model does not say",
        type=length,
        action="append",
        metavar="[NAME=]N or MIN-MAX",
        collect=dict,
        written=lambda given: [_named(key, "-".join(map(str, lengths))) for key, lengths in given.items()],
        kinds=("file", "saved", "application"),
    )
    classes: int | None = _option(
        None,
        "--classes",
        _MADE_WITH,
        "the classes of a keras: model",
        type=count,
        metavar="N",
        shown=lambda n: f"{n}classes",
        kinds=("application",),
        instead="if its function takes the number, give it as --arg",
    )
    class_weight: dict = _option(
        {},
        "--class-weight",
        _MADE_WITH,
        "weights of classes in the loss",
        type=class_weight,
        metavar="0=1,1=5",
        collect=dict,
        written=lambda given: [",".join(f"{label}={weight!r}" for label, weight in given.items())],
    )
    samples: int | None = _option(
        None,
        "--samples",
        _MADE_WITH,
        "examples of a default run; what data(n, seed) is asked for (1000)",
        type=count,
        metavar="N",
    )
    imports: tuple = _option(
        (),
        "--import",
        _MADE_WITH,
        "a file to import first: it defines layers of a saved model",
        action="append",
        metavar="FILE.py",
        collect=tuple,
        written=list,
    )
    script_arguments: tuple = _option(
        (),
        "--script-arg",
        _MADE_WITH,
        "an argument of the script, as in --script-arg=--width --script-arg=64",
        action="append",
        metavar="WORD",
        collect=tuple,
        written=list,
        shown=lambda words: _words(_words("-".join(words))[:40]),
        kinds=("file",),
        instead="run it as a script, FILE.py",
    )
    steps_per_epoch: int | None = _option(
        None,
        "--steps-per-epoch",
        _MADE_WITH,
        "steps that are an epoch of a script's own loop, where it calls train_on_batch",
        type=count,
        metavar="N",
        shown=lambda n: f"{n}steps",
        kinds=("file",),
    )
    one_replica: bool = _switch(
        "--one-replica",
        _MADE_WITH,
        "of a script that trains on several devices, train on one",
        kinds=("file",),
    )
    width: float | None = _option(
        None,
        "--width",
        _VARIANT,
        "a model this many times as wide: the argument width, filters or units of its function is changed",
        type=positive,
        metavar="TIMES",
        shown=lambda times: f"w{times:g}",
        kinds=("built-in", "file"),
    )
    precision: str | None = _option(
        None,
        "--precision",
        _VARIANT,
        f"Keras's dtype policy: {', '.join(PRECISIONS)}",
        choices=PRECISIONS,
        metavar="NAME",
        shown=lambda policy: "" if policy == "float32" else policy.removeprefix("mixed_"),
    )
    loss: str | None = _option(
        None, "--loss", _VARIANT, "another Keras loss", type=name, metavar="NAME", shown=str.lower
    )
    optimizer: str | None = _option(
        None,
        "--optimizer",
        _VARIANT,
        "another Keras optimizer, with its own defaults",
        type=name,
        metavar="NAME",
        shown=str.lower,
    )
    learning_rate: float | None = _option(
        None,
        "--learning-rate",
        _VARIANT,
        "another learning rate",
        type=positive,
        metavar="X",
        shown=lambda rate: f"lr{rate:g}",
    )
    unroll: bool = _switch(
        "--unroll",
        _VARIANT,
        "unroll a built-in recurrent model's loop, at a fixed length",
        kinds=("built-in",),
    )
    fused: bool = _switch("--fused", _VARIANT, "recurrent layers with one gradient for all steps, compiled by XLA")
    parts: int = _option(
        1,
        "--parts",
        _VARIANT,
        "cut each batch into parts that are computed side by side (1; try the number of cores)",
        type=count,
        metavar="N",
        shown=lambda n: f"p{n}",
    )
    replicas: int = _option(
        1,
        "--replicas",
        _VARIANT,
        "train on N devices of a machine, each with an equal part of the batch, as MirroredStrategy does (1)",
        type=replicas,
        metavar="N",
        shown=lambda n: f"replicas{n}",
    )
    batch: int | None = _option(
        None, "--batch", _VARIANT, "fix the batch size", type=count, metavar="N", shown=lambda n: f"b{n}"
    )
    jit: bool = _switch("--jit", _VARIANT, "compile the step with XLA")
    target: str = _option(
        "cpu",
        "--target",
        _VARIANT,
        "the device that recurrent layers are for: cpu, which runs everywhere, or gpu, with kernels of cuDNN",
        choices=TARGETS,
        metavar="DEVICE",
        shown=lambda device: "" if device == "cpu" else device,
    )


@dataclass(frozen=True, kw_only=True)
class Request(Options):
    """One export: the model, the name of its graph, where its examples come from, and what was asked.

    `source` is None where the model or its author says that. `folder` is the present one of who asks.
    """

    spec: origin.Spec
    name: str
    source: object = None
    folder: str = field(default_factory=os.getcwd)

    def is_script(self):
        """Report whether a file is to be run as a script, which may train more than once."""
        return self.spec.kind == "file" and not self.spec.function

    def build_arguments(self):
        """Return what the build(...) of a built-in model is called with to suit its data. Raises ExportError."""
        parameters = inspect.signature(origin.module_of(self.spec).build).parameters
        return self.source.build_arguments(self.spec.text, parameters, self.unroll)


def table():
    """Return {name of the field: its `About`} of every option."""
    return {option.name: option.metadata["about"] for option in fields(Options)}


def add_to(parser):
    """Give an argparse parser every option, under the heading of its group."""
    groups = {about.group: parser.add_argument_group(about.group) for about in table().values()}
    plain = Options()
    for key, about in table().items():
        groups[about.group].add_argument(
            about.flag, dest=key, help=about.help, default=None if about.collect else getattr(plain, key), **about.parse
        )


def chosen(line):
    """Return the Options of a parsed command line. Raises UsageError for two that exclude each other."""
    values = {key: getattr(line, key) for key in table()}
    options = Options(
        **{k: about.collect(values[k] or ()) if about.collect else values[k] for k, about in table().items()}
    )
    if options.fused and options.unroll:
        raise UsageError("--fused and --unroll are two forms of the same layers; give one")
    if options.target == "gpu" and (form := next((k for k in ("fused", "unroll", "jit") if getattr(options, k)), None)):
        raise UsageError(f"--target gpu has kernels of cuDNN, which --{form} leaves none of; give one")
    if options.replicas > 1:
        _check_replicas(options)
    return options


def _check_replicas(options):
    """Raise UsageError for what cannot be on several devices."""
    if options.parts > 1:
        raise UsageError("--parts cuts a batch for the cores of one device, and --replicas for several; give one")
    if options.one_replica:
        raise UsageError("--one-replica is of a script's own strategy, which --replicas cannot replace; give one")
    if form := next((k for k in ("fused", "jit") if getattr(options, k)), None):
        raise UsageError(f"--replicas trains as MirroredStrategy does, which XLA does not compile: leave out --{form}")
    if options.batch and options.batch % options.replicas:
        raise UsageError(f"--batch {options.batch} does not divide by --replicas {options.replicas}")


def changed(options):
    """Yield (About, value) of each option that is not at its default."""
    plain = Options()
    for key, about in table().items():
        if (value := getattr(options, key)) != getattr(plain, key):
            yield about, value


def check_for(spec, options):
    """Raise UsageError if an option is not for a model of this kind."""
    for about, _ in changed(options):
        if spec.kind not in about.kinds:
            kinds = ", ".join(origin.KINDS[kind] for kind in about.kinds)
            hint = f"; {about.instead}" if about.instead else ""
            raise UsageError(f"{about.flag} is for {kinds}, and {spec.text} is none of them{hint}")


def default_name(spec, options):
    """Return the name of the model and what differs from its plain export."""
    shown = (about.shown(value) for about, value in changed(options))
    return "-".join([spec.name, *filter(None, shown)])
