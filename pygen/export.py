"""One export: build the model, save its training step, check it against Keras, describe it.

Meant for a fresh process for each graph: TensorFlow numbers functions and Keras names layers per process.
"""

import contextlib
import hashlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path

from pygen.author import faults, origin
from pygen.errors import ExportError, UsageError
from pygen.examples.given import Given
from pygen.folder import manifest, weights
from pygen.model import derive
from pygen.model.forward import has_own_step
from pygen.training import evaluation, flops, parity, resident, step


@dataclass(frozen=True)
class Request:
    """What to export: a model, how it differs from the plain one, and where its examples come from.

    `source` is None where the model or its author says that. `shapes` and `lengths` are by input name, "" for the one.
    """

    spec: origin.Spec
    name: str
    source: object = None
    jit: bool = False
    unroll: bool = False
    fused: bool = False
    parts: int = 1
    batch: int | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    loss: str | None = None
    precision: str | None = None
    arguments: dict = field(default_factory=dict)
    shapes: dict = field(default_factory=dict)
    lengths: dict = field(default_factory=dict)
    classes: int | None = None
    class_weight: dict = field(default_factory=dict)
    imports: tuple = ()
    samples: int | None = None

    def build_arguments(self):
        """Return what a built-in model's build(...) is called with to suit its data."""
        parameters = inspect.signature(origin.module_of(self.spec).build).parameters
        return self.source.build_arguments(self.spec.text, parameters, self.unroll)


@dataclass(frozen=True)
class Exported:
    """A finished export: its manifest, what a person should know of it, and the files of theirs that were read."""

    manifest: dict
    notices: list
    sources: list


def check(request):
    """Raise UsageError or ExportError for what can be told wrong before anything is built.

    Runs no TensorFlow, so that the calling process can still be forked.
    """
    if request.spec.kind != "built-in":
        return
    request.build_arguments()
    available = request.source.available()
    if request.batch and available is not None and available < request.batch:
        raise UsageError(f"--batch {request.batch} is more than the {available} examples of the data file")


def export(request, folder, home):
    """Write the graph to `folder` (which exists and is empty) and return it as `Exported`.

    `home` is where the folder will live: a data file's path is noted relative to it.
    Raises ExportError if the graph does not train as Keras does, or the model cannot be built.
    """
    from pygen.prepare import prepare

    prepared = prepare(request)
    model, source = prepared.model, prepared.source
    jit = request.jit or (bool(model.jit_compile) and not has_own_step(model))
    evaluated = evaluation.Signatures(model, prepared.layout, _specs(prepared))
    traced = _save(prepared, request, folder, jit, evaluated)
    saved_weights = weights.describe(model, folder)
    settings, operations = _settle(prepared, request)
    if isinstance(source, Given):
        source.save(folder)
    preprocess = source.preprocess(prepared.held[: len(prepared.inputs)])
    compared = check_parity(prepared, request, folder, preprocess, traced, jit, operations, evaluated)
    described = {
        "format": manifest.FORMAT,
        "name": request.name,
        "sha256": "",
        "model": manifest.describe_model(model, request.spec.name, operations),
        "variant": _variant(request, prepared, jit),
        "inputs": prepared.inputs,
        "targets": prepared.targets,
        "signatures": _signatures(prepared) | evaluated.described,
        "reset": reset(folder),
        "preprocess": preprocess,
        "data": source.to_json(home, prepared.held),
        "settings": settings,
        "parity": compared,
        "made_with": manifest.made_with() | _model_text(request),
    }
    described |= {"missing": evaluated.missing} if evaluated.missing else {}
    described |= {"weights": saved_weights} if saved_weights else {}
    described["sha256"] = manifest.identity(folder, described)
    manifest.write(folder, described)
    return Exported(described, prepared.author.notices, _sources(request))


def _save(prepared, request, folder, jit, evaluated):
    """Write the SavedModel and return the traced step. An error names the author's line."""
    with fused_layers(request), faults.located(f"the training step of {request.spec.text} cannot be a graph"):
        functions = step.save(
            prepared.model,
            _specs(prepared),
            str(folder),
            jit,
            request.parts,
            prepared.layout,
            prepared.preprocess,
            evaluated.functions,
        )
    faults.check_no_python(functions)
    return functions[0]


def _variant(request, prepared, jit):
    variant = {
        "precision": prepared.model.dtype_policy.name if not request.precision else request.precision,
        "jit": jit,
        "unroll": request.unroll,
        "batch": prepared.batch,
        "device": "cpu",
    }
    return (
        variant | ({"fused": True} if request.fused else {}) | ({"parts": request.parts} if request.parts > 1 else {})
    )


def _signatures(prepared):
    signatures = {"train": {"key": step.SIGNATURE, "loss": "loss"}}
    if prepared.preprocess:
        return signatures | {"preprocess": prepared.preprocess.describe(prepared.takes())}
    specs = _specs(prepared)
    return signatures | (resident.describe(prepared.entries) if resident.possible(specs) else {})


def _model_text(request):
    if request.spec.kind == "built-in":
        return {}
    arguments = [f"{key}={value}" for key, value in request.arguments.items()]
    return {
        "model": " ".join(
            [
                Path(request.spec.path).name
                + (f":{request.spec.function}" if request.spec.path and request.spec.function else "")
                or request.spec.text,
                *arguments,
            ]
        )
    }


def _sources(request):
    """Return [{"path", "sha256"}] of the person's own files that the export read."""
    own = {str(Path(request.spec.path).resolve())} if request.spec.path else set()
    files = sorted(own | set(faults.sources())) if request.spec.kind != "built-in" else []
    return [{"path": file, "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest()} for file in files]


@contextlib.contextmanager
def fused_layers(request):
    """Within it, the step is traced with the request's kind of recurrent layers. Raises UsageError if none is fused."""
    if not request.fused:
        yield
        return
    from pygen.model import recurrent

    with recurrent.fused() as outcome:
        yield
    if not outcome:
        raise UsageError(f"{request.spec.text} has no recurrent layer that --fused could change")
    if reasons := [f"{name}: {reason}" for name, reason in outcome.items() if reason]:
        raise ExportError(f"{request.spec.text} has layers that cannot be fused: {'; '.join(reasons)}")


def _settle(prepared, request):
    """Return the manifest's "settings" and the operations an example takes, None where they cannot be counted."""
    author, source, batch = prepared.author, prepared.source, prepared.batch
    samples, usual = source.defaults(author.settings)
    try:
        size = batch or usual or samples
        operations = flops.per_example(prepared.model, _concrete_specs(prepared, size), prepared.layout)
    except Exception as error:  # a count that is missing keeps nobody from timing the model
        if author.recipe is not None:
            raise
        operations = None
        author.notices.append(f"its operations are not counted: {faults.describe(error)}")
    if request.samples and source.available() is None:
        samples = request.samples
    elif author.recipe is None and source.available() is None:
        samples = min(samples, derive.count_samples(operations, batch or usual))
    if batch:
        usual, samples = batch, max(1, samples // batch) * batch
    return {"samples": samples, "batch": usual, "epochs": author.settings.epochs}, operations


def reset(folder):
    """Return the manifest's "reset", read from the SavedModel's own saver."""
    filename, operation = step.reset_names(folder)
    return {"kind": "restore", "filename_tensor": filename, "operation": operation}


def check_parity(prepared, request, folder, preprocess, traced, jit, operations, evaluated):
    """Write parity.npz, train the model with Keras, compare the graph with it; return the manifest's "parity".

    What is `evaluated`, an `evaluation.Signatures`, is compared on the first of the same batches.
    """
    batch, steps = parity.size(prepared.batch, prepared.source.available(), operations)
    columns = prepared.source.draw(batch * steps, prepared.held, vary=not (jit or request.fused))
    parity.write(Path(folder) / parity.FILE, columns)
    fed = parity.batches(columns, prepared.held, preprocess, batch)
    reduced = any(layer.compute_dtype in ("float16", "bfloat16") for layer in prepared.model._flatten_layers())
    with contextlib.closing(parity.Sessions(folder)) as sessions:
        allowed = parity.TOLERANCE_REDUCED if reduced else parity.TOLERANCE
        evaluation.check(evaluated, sessions, fed, prepared.preprocess, allowed)
        compared = parity.Comparison(request.name, sessions, fed, prepared.layout, prepared.preprocess)
        with faults.located("Keras cannot train the model"):
            expected = compared.with_keras(prepared.model, traced)
        steps, tolerance = compared.with_graph(expected, jit or request.fused, reduced)
    if steps < len(expected):
        prepared.author.notices.append(
            f"its training magnifies rounding: of {len(expected)} steps, which agree with Keras's where nothing is "
            f"rewritten, a launch compares {steps}"
        )
        parity.write(Path(folder) / parity.FILE, {name: column[: batch * steps] for name, column in columns.items()})
    described = {"file": parity.FILE, "batch": batch, "steps": steps, "losses": expected[:steps]}
    usual = parity.TOLERANCE_JIT if jit or request.fused else parity.TOLERANCE
    return described | ({"tolerance": tolerance} if tolerance != usual else {})


def _specs(prepared):
    """Return the tf.TensorSpecs of what a step is fed."""
    return [_spec(entry) for entry in prepared.entries]


def _spec(entry):
    import tensorflow as tf

    return tf.TensorSpec(entry["shape"], entry["dtype"], name=entry["name"])


def _concrete_specs(prepared, batch):
    """Return the specs of one default batch: every free dimension has its usual size."""
    import tensorflow as tf

    specs = []
    for entry in prepared.entries:
        lengths = prepared.source.lengths(entry["name"]) if None in entry["shape"][1:] else None
        shape = [n if n is not None else (lengths or (0, None))[1] for n in entry["shape"][1:]]
        if None in shape:
            raise ExportError(f"the length of {entry['name']} is not known before its preprocessing")
        specs.append(tf.TensorSpec([batch, *shape], entry["dtype"], name=entry["name"]))
    return specs
