"""The command line: `python -m pygen export` and `python -m pygen models`."""

import argparse
import json
import os
import signal
import sys
import textwrap
from pathlib import Path

from pygen import isolate, options, requests, values
from pygen.author import origin, suites
from pygen.errors import ExportError, ScriptError, UsageError
from pygen.folder import publish

_EXAMPLES = """\
examples:
  {program} export linear cnn rnn
  {program} export my_model.py:build --arg width=256
  {program} export saved.keras --precision mixed_bfloat16
  {program} export keras:ResNet50 --input-shape 224,224,3 --classes 1000
  {program} export lstm --fused --jit --parts 2
  {program} export mlp --optimizer sgd --learning-rate 0.1 --batch 50
  {program} export mlp cnn --data testdata/digits.npz
  {program} export --suite vision

exit codes: 0 done, 1 an export failed, 2 wrong use
"""
_DESCRIPTION = """\
Export each MODEL to DIR/NAME, or DIR/NAME-VARIANT for what differs from the
plain model. A MODEL is one of

  NAME              built in:
{names}
  FILE.py:FUNCTION  a function of yours that returns a Keras model, compiled
                    or not
  FILE.py           its build(), or its one model; else the script is run up to
                    model.fit(...), and what that would train is exported
  FILE.keras        a saved model, with its compiled state; also FILE.h5
  keras:NAME        a function of keras.applications

Exporting a file executes its code, with your rights: export only files that
you trust.
"""


def main(argv=None):
    """Run the command line and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    line = parser().parse_args(argv)
    try:
        return line.run(line)
    except UsageError as error:
        print(f"{_speaker()}: {error}", file=sys.stderr)
        return 2
    except ExportError as error:
        print(f"{_speaker()}: {error}", file=sys.stderr)
        return 1
    except isolate.CrashError as crash:
        report_crash(_speaker(), crash, getattr(line, "debug", False))
        return 1
    except KeyboardInterrupt:
        print(f"{_speaker()}: interrupted; the graphs that were there are unchanged", file=sys.stderr)
        return 130


def _interrupt(number, frame):
    raise KeyboardInterrupt


def _behind_epochtime():
    """Report whether `epochtime export` runs this, whose name then stands in the help."""
    return os.environ.get("EPOCHTIME_EXPORT") == "1"


def _speaker():
    return "epochtime" if _behind_epochtime() else "pygen"


def parser():
    """Return the argument parser."""
    program = "epochtime" if _behind_epochtime() else "python -m pygen"
    examples = _EXAMPLES.format(program=program)
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog=program,
        description="Export the training step of Keras models as SavedModels, for epochtime.",
        epilog=examples,
        formatter_class=raw,
    )
    verbs = top.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("models", help="list the built-in models").set_defaults(run=list_models)
    margin = " " * 20
    names = textwrap.fill(", ".join(origin.names()), 79, initial_indent=margin, subsequent_indent=margin)
    description = _DESCRIPTION.format(names=names)
    verb = verbs.add_parser(
        "export", help="export models to graph folders", description=description, epilog=examples, formatter_class=raw
    )
    verb.set_defaults(run=export_all)
    verb.add_argument("models", nargs="*", metavar="MODEL", help="see above")
    _add_places(verb)
    options.add_to(verb)
    return top


def _add_places(verb):
    """Add the arguments that say what is exported and where to, but not how."""
    out = os.environ.get("EPOCHTIME_GRAPHS") or "graphs"
    verb.add_argument(
        "--suite", choices=suites.names(), metavar="NAME", help=f"a set of models: {', '.join(suites.names())}"
    )
    verb.add_argument("--out", type=Path, default=Path(out), metavar="DIR", help=f"folder of graphs ({out})")
    verb.add_argument("--name", type=values.name, metavar="NAME", help="name of the graph folder, for one model")
    verb.add_argument("--force", action="store_true", help="replace another model's graph of the same name")
    verb.add_argument("--debug", action="store_true", help="show whole tracebacks and logs")
    verb.add_argument(
        "--sources", type=Path, metavar="FILE", help="write which files of yours were read to FILE, as JSON"
    )
    if _behind_epochtime():  # which takes it before it gets here
        verb.add_argument("--python", help="the Python with TensorFlow (EPOCHTIME_PYTHON; .venv beside bin/)")


def list_models(line):
    """Print one line for each built-in model."""
    for name, description in origin.built_in().items():
        print(f"{name:12} {description}")
    return 0


def export_all(line):
    """Export every model asked for and return the exit code. A model that fails does not stop the others."""
    requests = make_requests(line)
    failed, read = 0, []
    for request in requests:
        try:
            for told, sources in export_model(request, line):
                print(told, flush=True)
                read += [source for source in sources if source not in read]
        except UsageError as error:
            raise UsageError(f"{request.spec.text}: {error}") from error
        except (ExportError, OSError) as error:
            reason = f"{error.filename}: {error.strerror}" if getattr(error, "filename", None) else error
            print(f"{_speaker()}: {request.name}: {reason}", file=sys.stderr)
            if isinstance(error, ScriptError):
                show_log(error.log, line.debug)
            failed += 1
        except isolate.CrashError as crash:
            report_crash(request.name, crash, line.debug)
            failed += 1
    if line.sources and not failed:
        line.sources.write_text(json.dumps(read, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


def make_requests(line):
    """Return the `options.Request` of each model. Raises UsageError, ExportError."""
    texts = dict.fromkeys([*line.models, *(suites.models(line.suite) if line.suite else [])])
    if not texts:
        raise UsageError("name a model, or a --suite")
    specs = [origin.parse(text) for text in texts]
    chosen = options.chosen(line)
    if line.name and len(specs) > 1:
        raise UsageError("--name names one graph, and several models are given")
    for spec in specs:
        options.check_for(spec, chosen)
    isolate.import_tensorflow()
    return [make_request(spec, chosen, line.name) for spec in specs]


def make_request(spec, chosen, name):
    """Return the request of one model with the Options `chosen`. `name` is that of its graph, None for the default."""
    from pygen import export

    request = requests.make(spec, chosen, name)
    export.check(request)
    return request


def export_model(request, line):
    """Export a model in a process of its own, put its graphs in place and return [(line to print, sources)].

    A script has a graph for each of its phases. `sources` are [{"path", "sha256"}] of the author's files that were
    read. Raises ExportError, OSError and isolate.CrashError.
    """
    from pygen import export, phases

    folder = line.out / request.name
    if sys.stderr.isatty() or os.environ.get("EPOCHTIME_TERMINAL"):  # epochtime passes on what is written
        print(f"exporting {folder} …", file=sys.stderr)
    publish.check_is_graph(folder)
    with publish.workspace(folder) as work:
        if request.is_script():
            finished = isolate.run(phases.export_script, request, work, folder)
            return [_place(done, work / str(number), request, line) for number, done in enumerate(finished, 1)]
        done = isolate.run(export.export, request, work, folder)
        return [_place(done, work, request, line)]


def _place(done, work, request, line):
    """Put one finished graph in place and return (line to print, sources)."""
    described = done.manifest
    folder = line.out / described["name"]
    publish.check_is_graph(folder)
    if not line.force:
        publish.check_replaceable(folder, described)
    outcome = publish.place(work, folder)
    if not line.sources:  # which whoever asks for them shows from the manifest
        for notice in done.notices:
            print(f"{described['name']}: {notice['text']}", file=sys.stderr)
    if request.source:
        notice_samples(request, described)
    return _summary(folder, described, outcome), done.sources


def _summary(folder, described, outcome):
    model = described["model"]
    operations = model["flops_per_example"]
    told = f"{_flop(operations)} per example  " if operations is not None else ""
    return f"{folder}  {model['parameters']:,} parameters  {told}sha256 {described['sha256'][:8]}…  ({outcome})"


def notice_samples(request, described):
    """Say on stderr if a fixed batch size changed the number of examples."""
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
    """Print what happened on stderr, with the log."""
    print(f"{_speaker()}: {name}: {crash}", file=sys.stderr)
    show_log(crash.log, debug)


def show_log(log, debug):
    """Print the last lines of what was printed, on stderr; `debug` prints all of it.

    The traceback at its end, whose error and line the message has, is in the whole only.
    """
    lines = log.rstrip().splitlines()
    said = log.rpartition("Traceback (most recent call last):")[0] or log
    shown = lines if debug else said.rstrip().splitlines()[-5:]
    print(*(f"  {each}" for each in shown), sep="\n", end="\n" if shown else "", file=sys.stderr)
    if len(shown) < len(lines):
        print("  (--debug shows the whole log)", file=sys.stderr)
