"""The command line: `python -m pygen export` and `python -m pygen models`."""

import argparse
import ast
import difflib
import inspect
import os
import re
import signal
import sys
from pathlib import Path

from pygen import isolate, publish
from pygen.errors import ExportError, UsageError

MODELS = Path(__file__).parent / "models"
# `epochtime export` runs this and says so, for help that works when pasted.
BEHIND_EPOCHTIME = os.environ.get("EPOCHTIME_EXPORT") == "1"
PROGRAM = "epochtime" if BEHIND_EPOCHTIME else "python -m pygen"
SPEAKER = "epochtime" if BEHIND_EPOCHTIME else "pygen"
OUT = os.environ.get("EPOCHTIME_GRAPHS") or "graphs"
EXAMPLES = f"""\
examples:
  {PROGRAM} export linear cnn rnn
  {PROGRAM} export cnn --jit
  {PROGRAM} export lstm --unroll
  {PROGRAM} export lstm --fused --jit --parts 2
  {PROGRAM} export mlp --optimizer sgd --learning-rate 0.1 --batch 50
  {PROGRAM} export mlp cnn --data testdata/digits.npz

exit codes: 0 done, 1 an export failed, 2 wrong use
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
        description="Export each NAME to DIR/NAME, or DIR/NAME-VARIANT for what differs from the plain model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=export_all)
    verb.add_argument("models", nargs="+", metavar="NAME", help=f"a built-in model: {', '.join(built_in())}")
    verb.add_argument("--out", type=Path, default=Path(OUT), metavar="DIR", help=f"folder of graphs ({OUT})")
    verb.add_argument("--jit", action="store_true", help="compile the step with XLA")
    verb.add_argument("--unroll", action="store_true", help="unroll a recurrent model's loop, at a fixed length")
    verb.add_argument(
        "--fused", action="store_true", help="recurrent layers with one gradient for all steps, compiled by XLA"
    )
    verb.add_argument(
        "--parts",
        type=_whole,
        default=1,
        metavar="N",
        help="cut each batch into parts that are computed side by side (1; try the number of cores)",
    )
    verb.add_argument("--batch", type=_whole, metavar="N", help="fix the batch size")
    verb.add_argument("--optimizer", type=_name, metavar="NAME", help="another Keras optimizer, with its own defaults")
    verb.add_argument("--learning-rate", type=_positive, metavar="X", help="another learning rate")
    verb.add_argument("--data", type=Path, metavar="FILE", help="train on the arrays x and y of an .npz file")
    verb.add_argument("--name", type=_name, metavar="NAME", help="name of the graph folder, for one model")
    verb.add_argument("--force", action="store_true", help="replace another model's graph of the same name")
    verb.add_argument("--debug", action="store_true", help="show whole tracebacks and logs")
    if BEHIND_EPOCHTIME:  # which takes it before it gets here
        verb.add_argument("--python", help="the Python with TensorFlow (EPOCHTIME_PYTHON; .venv beside bin/)")
    return top


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


def built_in():
    """Return {model name: its one-line description}, without importing any."""
    files = sorted(p for p in MODELS.glob("*.py") if not p.stem.startswith("_"))
    return {p.stem: ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))).splitlines()[0] for p in files}


def list_models(options):
    """Print one line for each built-in model."""
    for name, description in built_in().items():
        print(f"{name:8} {description}")
    return 0


def export_all(options):
    """Export every model asked for; one that fails does not stop the others. Returns the exit code."""
    check_models(options)
    isolate.import_tensorflow()
    requests = [make_request(model, options) for model in dict.fromkeys(options.models)]
    failed = 0
    for request in requests:
        try:
            print(export_one(request, options), flush=True)
        except UsageError:
            raise
        except (ExportError, OSError) as error:
            reason = f"{error.filename}: {error.strerror}" if getattr(error, "filename", None) else error
            print(f"{SPEAKER}: {request.name}: {reason}", file=sys.stderr)
            failed += 1
        except isolate.CrashError as crash:
            report_crash(request.name, crash, options.debug)
            failed += 1
    return 1 if failed else 0


def check_models(options):
    """Raise UsageError for an unknown model, with the nearest name, or one --name for several."""
    known = built_in()
    for model in options.models:
        if model not in known:
            near = difflib.get_close_matches(model, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"no model is named {model}; {hint}")
    if options.fused and options.unroll:
        raise UsageError("--fused and --unroll are two forms of the same layers; give one")
    if options.name and len(set(options.models)) > 1:
        raise UsageError("--name names one graph, and several models are given")


def make_request(model, options):
    """Return the export.Request for one model. Raises UsageError, ExportError."""
    from pygen import export
    from pygen.datafile import DataFile
    from pygen.source import Synthetic

    module = export.load_model(model)
    if options.data:
        origin = DataFile(options.data, model, inspect.signature(module.build).parameters)
    else:
        origin = Synthetic(module.DATA)
    request = export.Request(
        model=model,
        name=options.name or default_name(model, options),
        source=origin,
        settings=module.SETTINGS,
        jit=options.jit,
        unroll=options.unroll,
        fused=options.fused,
        parts=options.parts,
        batch=options.batch,
        optimizer=options.optimizer,
        learning_rate=options.learning_rate,
    )
    export.check(request)
    return request


def default_name(model, options):
    """Return the model's name and whatever differs from the plain export."""
    parts = [model]
    if options.data:
        parts.append(re.sub(r"[^A-Za-z0-9._]+", "-", options.data.stem).strip("-.") or "data")
    if options.optimizer:
        parts.append(options.optimizer.lower())
    if options.learning_rate:
        parts.append(f"lr{options.learning_rate:g}")
    if options.unroll:
        parts.append("unroll")
    if options.fused:
        parts.append("fused")
    if options.parts > 1:
        parts.append(f"p{options.parts}")
    if options.batch:
        parts.append(f"b{options.batch}")
    if options.jit:
        parts.append("jit")
    return "-".join(parts)


def export_one(request, options):
    """Export one graph in a process of its own, put it in place, and return the line that says so."""
    from pygen import export

    folder = options.out / request.name
    if sys.stderr.isatty():
        print(f"exporting {folder} …", file=sys.stderr)
    publish.check_is_graph(folder)
    with publish.workspace(folder) as work:
        described = isolate.run(export.export, request, work, folder)
        if not options.force:
            publish.check_replaceable(folder, described)
        outcome = publish.place(work, folder)
    notice_samples(request, described)
    model = described["model"]
    return (
        f"{folder}  {model['parameters']:,} parameters  {_flop(model['flops_per_example'])} per example  "
        f"sha256 {described['sha256'][:8]}…  ({outcome})"
    )


def notice_samples(request, described):
    """Say on stderr if a fixed batch changed the number of examples."""
    usual, used = request.source.defaults(request.settings)[0], described["settings"]["samples"]
    if usual != used:
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
