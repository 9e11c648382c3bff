"""The command line: `python -m pygen export` and `python -m pygen models`."""

import argparse
import ast
import inspect
import json
import os
import re
import signal
import sys
from pathlib import Path

from pygen import isolate
from pygen.author import origin, suites
from pygen.errors import ExportError, UsageError
from pygen.folder import publish

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
# `epochtime export` runs this and says so, for help that works when pasted.
BEHIND_EPOCHTIME = os.environ.get("EPOCHTIME_EXPORT") == "1"
PROGRAM = "epochtime" if BEHIND_EPOCHTIME else "python -m pygen"
SPEAKER = "epochtime" if BEHIND_EPOCHTIME else "pygen"
OUT = os.environ.get("EPOCHTIME_GRAPHS") or "graphs"
EXAMPLES = f"""\
examples:
  {PROGRAM} export linear cnn rnn
  {PROGRAM} export my_model.py:build --arg width=256
  {PROGRAM} export saved.keras --precision mixed_bfloat16
  {PROGRAM} export keras:ResNet50 --input-shape 224,224,3 --classes 1000
  {PROGRAM} export lstm --fused --jit --parts 2
  {PROGRAM} export mlp --optimizer sgd --learning-rate 0.1 --batch 50
  {PROGRAM} export mlp cnn --data testdata/digits.npz
  {PROGRAM} export --suite vision

exit codes: 0 done, 1 an export failed, 2 wrong use
"""
DESCRIPTION = f"""\
Export each MODEL to DIR/NAME, or DIR/NAME-VARIANT for what differs from the
plain model. A MODEL is one of

  NAME              built in: {PROGRAM.split(" ")[-1]} models lists them
  FILE.py:FUNCTION  a function of yours that returns a Keras model, compiled
                    or not
  FILE.py           its build(), or its one model; else the script is run up to
                    model.fit(...), and what that would train is exported
  FILE.keras        a saved model, with its compiled state
  keras:NAME        a function of keras.applications

Exporting a file executes its code, with your rights: export only files that
you trust.
"""


def main(argv=None):
    """Run the command line and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    options = parser().parse_args(argv)
    try:
        return options.run(options)
    except UsageError as error:
        print(f"{SPEAKER}: {error}", file=sys.stderr)
        return 2
    except ExportError as error:
        print(f"{SPEAKER}: {error}", file=sys.stderr)
        return 1
    except isolate.CrashError as crash:
        report_crash(SPEAKER, crash, getattr(options, "debug", False))
        return 1
    except KeyboardInterrupt:
        print(f"{SPEAKER}: interrupted; what was there is untouched", file=sys.stderr)
        return 130


def _interrupt(number, frame):
    raise KeyboardInterrupt


def parser():
    """Return the argument parser."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Export the training step of Keras models as SavedModels that epochtime can time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(required=True, metavar="VERB")
    models = verbs.add_parser("models", help="list the built-in models")
    models.set_defaults(run=list_models)
    verb = verbs.add_parser(
        "export",
        help="export models to graph folders",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=export_all)
    verb.add_argument("models", nargs="*", metavar="MODEL", help="see above")
    _add_places(verb)
    _add_variants(verb)
    _add_authors(verb)
    return top


def _add_places(verb):
    verb.add_argument(
        "--suite", choices=suites.names(), metavar="NAME", help=f"a set of models: {', '.join(suites.names())}"
    )
    verb.add_argument("--out", type=Path, default=Path(OUT), metavar="DIR", help=f"folder of graphs ({OUT})")
    verb.add_argument("--name", type=_name, metavar="NAME", help="name of the graph folder, for one model")
    verb.add_argument("--force", action="store_true", help="replace another model's graph of the same name")
    verb.add_argument("--debug", action="store_true", help="show whole tracebacks and logs")
    verb.add_argument(
        "--sources", type=Path, metavar="FILE", help="write which files of yours were read to FILE, as JSON"
    )
    if BEHIND_EPOCHTIME:  # which takes it before it gets here
        verb.add_argument("--python", help="the Python with TensorFlow (EPOCHTIME_PYTHON; .venv beside bin/)")


def _add_variants(verb):
    group = verb.add_argument_group("how it differs from the plain model")
    add = group.add_argument
    add("--jit", action="store_true", help="compile the step with XLA")
    add("--precision", choices=PRECISIONS, metavar="NAME", help=f"Keras's dtype policy: {', '.join(PRECISIONS)}")
    add("--optimizer", type=_name, metavar="NAME", help="another Keras optimizer, with its own defaults")
    add("--learning-rate", type=_positive, metavar="X", help="another learning rate")
    add("--loss", type=_name, metavar="NAME", help="another Keras loss")
    add("--batch", type=_whole, metavar="N", help="fix the batch size")
    add("--unroll", action="store_true", help="unroll a built-in recurrent model's loop, at a fixed length")
    add("--fused", action="store_true", help="recurrent layers with one gradient for all steps, compiled by XLA")
    add(
        "--parts",
        type=_whole,
        default=1,
        metavar="N",
        help="cut each batch into parts that are computed side by side (1; try the number of cores)",
    )


def _add_authors(verb):
    group = verb.add_argument_group("what a model is made with")
    add = group.add_argument
    add(
        "--arg",
        action="append",
        default=[],
        type=_argument,
        metavar="KEY=VALUE",
        help="an argument of the function that returns the model",
    )
    add(
        "--input-shape",
        action="append",
        default=[],
        type=_shape,
        metavar="[NAME=]N,N,N",
        help="the shape of one example, where the model does not say",
    )
    add(
        "--length",
        action="append",
        default=[],
        type=_length,
        metavar="[NAME=]N or MIN-MAX",
        help="how long sequences are, where the model does not say",
    )
    add("--classes", type=_whole, metavar="N", help="the classes of a keras: model")
    add("--class-weight", type=_class_weight, default={}, metavar="0=1,1=5", help="weights of classes in the loss")
    add("--samples", type=_whole, metavar="N", help="examples of a default run; what data(n, seed) is asked for (1000)")
    add(
        "--import",
        dest="imports",
        action="append",
        default=[],
        metavar="FILE.py",
        help="a file to import first: it defines layers of a saved model",
    )
    add("--data", type=Path, metavar="FILE", help="train a built-in model on the arrays x and y of an .npz file")


def _argument(text):
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def _named(text):
    name, equals, value = text.rpartition("=")
    return name, value


def _shape(text):
    name, value = _named(text)
    try:
        shape = tuple(int(n) for n in value.split(",") if n.strip())
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape such as 28,28,1")
    return name, shape


def _length(text):
    name, value = _named(text)
    low, _, high = value.partition("-")
    try:
        lengths = int(low), int(high or low)
    except ValueError:
        lengths = 0, 0
    if not 1 <= lengths[0] <= lengths[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is not a length such as 50 or 20-80")
    return name, lengths


def _class_weight(text):
    try:
        return {int(label): float(weight) for label, weight in (pair.split("=") for pair in text.split(","))}
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not class weights such as 0=1,1=5") from None


def _whole(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


_whole.__name__ = "whole number"


def _positive(text):
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


_positive.__name__ = "number"


def _name(text):
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name of letters, digits, '.', '_' and '-'")
    return text


def list_models(options):
    """Print one line for each built-in model."""
    for name, description in origin.built_in().items():
        print(f"{name:12} {description}")
    return 0


def export_all(options):
    """Export every model asked for; one that fails does not stop the others. Returns the exit code."""
    specs = check_models(options)
    isolate.import_tensorflow()
    requests = [make_request(spec, options) for spec in specs]
    failed, read = 0, []
    for request in requests:
        try:
            line, sources = export_one(request, options)
            print(line, flush=True)
            read += sources
        except UsageError as error:
            raise UsageError(f"{request.spec.text}: {error}") from error
        except (ExportError, OSError) as error:
            reason = f"{error.filename}: {error.strerror}" if getattr(error, "filename", None) else error
            print(f"{SPEAKER}: {request.name}: {reason}", file=sys.stderr)
            failed += 1
        except isolate.CrashError as crash:
            report_crash(request.name, crash, options.debug)
            failed += 1
    if options.sources and not failed:
        options.sources.write_text(json.dumps(read, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


def check_models(options):
    """Return the specs of the models. Raises UsageError for an unknown model, or options that go with none of them."""
    texts = dict.fromkeys([*options.models, *(suites.models(options.suite) if options.suite else [])])
    if not texts:
        raise UsageError("name a model, or a --suite")
    specs = [origin.parse(text) for text in texts]
    if options.fused and options.unroll:
        raise UsageError("--fused and --unroll are two forms of the same layers; give one")
    if options.name and len(specs) > 1:
        raise UsageError("--name names one graph, and several models are given")
    for spec in specs:
        if spec.kind != "built-in" and options.data:
            raise UsageError(f"--data is for built-in models; {spec.text} is exported without, and run with --data")
        if spec.kind != "built-in" and options.unroll:
            raise UsageError(f"--unroll is for built-in models, which {spec.text} is not")
    return specs


def make_request(spec, options):
    """Return the export.Request for one model. Raises UsageError, ExportError."""
    from pygen import export

    request = export.Request(
        spec=spec,
        name=options.name or default_name(spec, options),
        source=_source(spec, options),
        jit=options.jit,
        unroll=options.unroll,
        fused=options.fused,
        parts=options.parts,
        batch=options.batch,
        optimizer=options.optimizer,
        learning_rate=options.learning_rate,
        loss=options.loss,
        precision=options.precision,
        arguments=dict(options.arg),
        shapes=dict(options.input_shape),
        lengths=dict(options.length),
        classes=options.classes,
        class_weight=options.class_weight,
        imports=tuple(options.imports),
        samples=options.samples,
    )
    export.check(request)
    return request


def _source(spec, options):
    """Return where the examples of a built-in model come from; None for any other, whose author says it."""
    if spec.kind != "built-in":
        return None
    from pygen.examples.datafile import DataFile
    from pygen.examples.source import Synthetic

    module = origin.module_of(spec)
    if options.data:
        return DataFile(options.data, spec.text, inspect.signature(module.build).parameters)
    return Synthetic(module.DATA)


def default_name(spec, options):
    """Return the model's name and whatever differs from the plain export."""
    o = options
    arguments = [_words(f"{key}{value}") for key, value in o.arg if (key, value) != ("weights", None)]
    variants = [
        o.data and (_words(o.data.stem) or "data"),
        *arguments,
        *("x".join(map(str, shape)) for _, shape in o.input_shape),
        o.classes and f"{o.classes}classes",
        o.precision != "float32" and (o.precision or "").removeprefix("mixed_"),
        o.loss and o.loss.lower(),
        o.optimizer and o.optimizer.lower(),
        o.learning_rate and f"lr{o.learning_rate:g}",
        o.unroll and "unroll",
        o.fused and "fused",
        o.parts > 1 and f"p{o.parts}",
        o.batch and f"b{o.batch}",
        o.jit and "jit",
    ]
    return "-".join([spec.name, *(str(variant) for variant in variants if variant)])


def _words(text):
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")


def export_one(request, options):
    """Export one graph in a process of its own and put it in place; return the line that says so, and what was read."""
    from pygen import export

    folder = options.out / request.name
    if sys.stderr.isatty():
        print(f"exporting {folder} …", file=sys.stderr)
    publish.check_is_graph(folder)
    with publish.workspace(folder) as work:
        exported = isolate.run(export.export, request, work, folder)
        described = exported.manifest
        if not options.force:
            publish.check_replaceable(folder, described)
        outcome = publish.place(work, folder)
    for notice in exported.notices:
        print(f"{request.name}: {notice}", file=sys.stderr)
    if request.source:
        notice_samples(request, described)
    model = described["model"]
    operations = model["flops_per_example"]
    told = f"{_flop(operations)} per example  " if operations is not None else ""
    return (
        f"{folder}  {model['parameters']:,} parameters  {told}sha256 {described['sha256'][:8]}…  ({outcome})"
    ), exported.sources


def notice_samples(request, described):
    """Say on stderr if a fixed batch changed the number of examples."""
    usual, used = request.source.defaults(origin.module_of(request.spec).SETTINGS)[0], described["settings"]["samples"]
    if usual != used and not request.samples:
        print(
            f"{request.name}: {used} examples by default, not {usual}: batches are fixed at {request.batch}",
            file=sys.stderr,
        )


def _flop(count):
    for unit, size in (("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} FLOP"


def report_crash(name, crash, debug):
    """Print what happened, and the log's last lines or all of it."""
    lines = crash.log.rstrip().splitlines()
    shown = lines if debug else lines[-5:]
    print(f"{SPEAKER}: {name}: {crash}", *(f"  {line}" for line in shown), sep="\n", file=sys.stderr)
    if len(shown) < len(lines):
        print("  (--debug shows the whole log)", file=sys.stderr)
