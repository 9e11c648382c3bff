"""One export: build the model, save its training step, check it against Keras, describe it.

Each graph is exported in a fresh process, because TensorFlow numbers functions and Keras names layers per process.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from pygen import requests
from pygen.author import build, faults, origin
from pygen.errors import ExportError, UsageError
from pygen.examples import archive
from pygen.examples.given import Given
from pygen.examples.pipeline import Pipeline
from pygen.folder import manifest, weights
from pygen.model import derive
from pygen.model.forward import has_own_step
from pygen.pipelines import Pipelines
from pygen.prepare import prepare
from pygen.training import evaluation, flops, parity, resident, step, totals


@dataclass(frozen=True)
class Exported:
    """A finished export: its manifest, its notices, and the author's files that were read."""

    manifest: dict
    notices: list
    sources: list


def check(request):
    """Raise UsageError or ExportError for what is known to be wrong before anything is built.

    It runs no TensorFlow, because the calling process is forked later.
    """
    if request.spec.kind != "built-in":
        return
    request.build_arguments()
    _check_split(request, None, origin.module_of(request.spec).SETTINGS, request.source)
    available = request.source.available()
    if request.batch and available is not None and available < request.batch:
        raise UsageError(f"--batch {request.batch} is more than the {available} examples of the data file")


def export(request, folder, home, author=None):
    """Write the graph to `folder`, which exists and is empty, and return it as `Exported`.

    `home` is where the folder will be: the path of a data file is relative to it. `author` is the `origin.Author` of
    the model; without it, it is that of the request. Raises ExportError if the model cannot be built or the graph does
    not train as Keras does, and OSError.
    """
    prepared = prepare(request, author or build.author(request), folder)
    model, source = prepared.model, prepared.source
    _check_replicas(prepared, request)
    jit = request.jit or (bool(model.jit_compile) and not has_own_step(model))
    evaluated = evaluation.Signatures(model, prepared.layout, _specs(prepared))
    pipelines = Pipelines(prepared)
    others = evaluated.functions | pipelines.functions
    functions, asked = _save_loops(prepared, request, folder, jit, others)
    start = step.resetting(step.tracked(model, [*functions, *others.values()]))
    saved_weights = weights.describe(model, folder, functions)
    settings, operations = _settle(prepared, request)
    if isinstance(source, Given):
        source.save(folder)
    preprocess = source.preprocess(prepared.held)
    described_model = manifest.describe_model(model, request.spec.name, operations)  # the check changes the variables
    pipelines.save(folder)
    compared = check_parity(prepared, request, folder, preprocess, functions[0], jit, operations, evaluated, pipelines)
    if request.target == "gpu":
        start()
        evaluated, saved_weights = _save_for_gpu(prepared, request, folder, evaluated.missing, pipelines, asked)
        compared["tolerance"] = max(compared["tolerance"], parity.TOLERANCE_COMPILED)  # sums have another order
    described = {
        "format": manifest.FORMAT,
        "name": request.name,
        "sha256": "",
        "model": described_model,
        "variant": _variant(request, prepared, jit, asked),
        "inputs": prepared.inputs,
        "targets": prepared.targets,
        "signatures": _signatures(prepared) | evaluated.described,
        "reset": reset(folder),
        "preprocess": preprocess,
        "data": source.to_json(home, prepared.held),
        "settings": settings,
        "parity": compared,
        "made_with": manifest.made_with() | _model_text(request),
        "origin": requests.described(request),
    }
    found = {"missing": evaluated.missing, "notices": prepared.author.notices, "weights": saved_weights}
    described |= {key: value for key, value in found.items() if value} | pipelines.described()
    described["sha256"] = manifest.identity(folder, described)
    manifest.write(folder, described)
    return Exported(described, prepared.author.notices, _sources(request))


def _save(prepared, request, folder, jit, others, device="cpu"):
    """Write the SavedModel and return what `step.save` does. Raises ExportError, with the author's line.

    `device` is where the towers of several replicas are.
    """
    with fused_layers(request), faults.located(f"the training step of {request.spec.text} cannot be a graph"):
        functions = step.save(
            prepared.model,
            _specs(prepared),
            str(folder),
            jit,
            step.Cut(request.parts, request.replicas, device),
            prepared.layout,
            prepared.preprocess,
            others,
        )
    faults.check_no_python(functions)
    return functions


def _save_for_gpu(prepared, request, folder, missing, pipelines, asked):
    """Write the SavedModel anew for GPUs, with kernels of cuDNN where layers `asked` for them.

    Its form for CPUs is known to train as Keras does.
    The variables have the values that they had then. `missing` are the signatures that the loops could not have.
    Returns (evaluation.Signatures, "weights" of the manifest). Raises ExportError.
    """
    from pygen.model import cudnn

    with cudnn.kernels():
        pipelines.trace_validation()
        evaluated = evaluation.Signatures(prepared.model, prepared.layout, _specs(prepared))
        for name, why in missing.items():
            evaluated.drop(name, why)
        functions = _save(prepared, request, folder, False, evaluated.functions | pipelines.functions, "gpu")
    if asked and not cudnn.held(functions[0]):
        raise ExportError(f"Keras traces {request.spec.text} with loops where there are kernels of cuDNN")
    return evaluated, weights.describe(prepared.model, folder, functions)


def _save_loops(prepared, request, folder, jit, others):
    """Write the SavedModel without kernels of cuDNN. Returns (what `_save` does, what `cudnn.watched` yields).

    Raises UsageError where such kernels are asked for and would change nothing, and what `_save` does.
    """
    from pygen.model import cudnn

    with cudnn.watched() as asked:
        functions = _save(prepared, request, folder, jit, others)
    if request.target == "gpu" and jit:
        raise UsageError(f"{request.spec.text} is compiled by XLA, which leaves no kernels of cuDNN for --target gpu")
    if request.target == "gpu" and not asked and request.replicas == 1:
        raise UsageError(f"{request.spec.text} has no layer that cuDNN has a kernel for: leave out --target gpu")
    return functions, asked


def _variant(request, prepared, jit, asked):
    """Return the "variant" of the manifest. `asked` is not empty if layers could be kernels of cuDNN."""
    variant = {
        "precision": prepared.model.dtype_policy.name if not request.precision else request.precision,
        "jit": jit,
        "unroll": request.unroll,
        "batch": prepared.batch,
        "device": request.target,
    }
    if asked and request.target == "cpu" and not jit:
        variant["loops"] = True
    cut = {key: count for key in ("parts", "replicas") if (count := getattr(request, key)) > 1}
    return variant | ({"fused": True} if request.fused else {}) | cut


def _signatures(prepared):
    """Return the "signatures" of the manifest."""
    signatures = {"train": {"key": step.SIGNATURE, "loss": "loss"}} | totals.describe()
    if prepared.preprocess:
        return signatures | {"preprocess": prepared.preprocess.describe(prepared.takes())}
    specs = _specs(prepared)
    return signatures | (resident.describe(prepared.entries) if resident.possible(specs) else {})


def _model_text(request):
    """Return {"model": the author's file, function and arguments}, or {} for a built-in model."""
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
    """Return [{"path", "sha256"}] of the author's files that the export read."""
    own = {str(Path(request.spec.path).resolve())} if request.spec.path else set()
    files = sorted(own | set(faults.sources())) if request.spec.kind != "built-in" else []
    return [{"path": file, "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest()} for file in files]


@contextlib.contextmanager
def fused_layers(request):
    """Within it, steps are traced with fused recurrent layers if the request asks for them.

    Raises UsageError for a model without recurrent layers and ExportError for layers that cannot be fused.
    """
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


def _check_replicas(prepared, request):
    """Raise UsageError where several replicas do not suit the batches of a model, and say what is on one device."""
    count = request.replicas
    if count == 1:
        return
    if prepared.author.batches:
        raise UsageError(f"{request.spec.text} makes its own batches, which --replicas does not cut")
    _check_split(request, prepared.batch, prepared.author.settings, prepared.source)
    if prepared.validation:
        prepared.author.notices.say("replicas", f"validation runs on the first of the {count} devices alone")


def _check_split(request, fixed, settings, source):
    """Raise UsageError if batches, of a size that is `fixed` or usual, do not divide by the replicas."""
    samples, usual = source.defaults(settings)
    size = fixed or request.batch or usual or request.samples or samples
    if size % request.replicas:
        raise UsageError(
            f"{request.spec.text} trains batches of {size}, which do not divide by --replicas {request.replicas}: "
            f"give --batch a multiple of {request.replicas}"
        )


def _settle(prepared, request):
    """Return (the "settings" of the manifest, operations per example or None if they cannot be counted)."""
    author, source, batch = prepared.author, prepared.source, prepared.batch
    samples, usual = source.defaults(author.settings)
    try:
        size = batch or usual or samples
        operations = flops.per_example(prepared.model, _concrete_specs(prepared, size), prepared.layout)
    except Exception as error:  # a model without the count can still be timed
        if author.recipe is not None:
            raise
        operations = None
        author.notices.say("operations", f"its operations are not counted: {faults.describe(error)}")
    if request.samples and source.available() is None:
        samples = request.samples
    elif author.recipe is None and source.available() is None:
        samples = min(samples, derive.count_samples(operations, batch or usual))
    if batch:
        usual, samples = batch, max(1, samples // batch) * batch
    settings = {"samples": samples, "batch": usual, "epochs": author.settings.epochs}
    return settings | ({"shuffle": True} if author.shuffle else {}), operations


def reset(folder):
    """Return the "reset" of the manifest, read from the saver of the SavedModel."""
    filename, operation = step.reset_names(folder)
    return {"kind": "restore", "filename_tensor": filename, "operation": operation}


def check_parity(prepared, request, folder, preprocess, traced, jit, operations, evaluated, pipelines):
    """Write parity.npz, train the model with Keras and compare the graph; return the "parity" of the manifest.

    `evaluated`, an `evaluation.Signatures`, is compared on the first of the same batches, and so are the `pipelines`, a
    `pipelines.Pipelines`, on batches of their own. Raises ExportError for a
    graph that does not train as Keras does.
    """
    batch, steps = parity.size(prepared.batch, prepared.source.available(), operations, request.replicas)
    columns = prepared.source.draw(batch * steps, prepared.held, vary=not (jit or request.fused))
    archive.write(Path(folder) / parity.FILE, columns)
    fed = parity.batches(columns, prepared.held, preprocess, batch)
    reduced = any(layer.compute_dtype in ("float16", "bfloat16") for layer in prepared.model._flatten_layers())
    reset = step.resetting(traced.graph.variables)
    with contextlib.closing(parity.Sessions(folder, request.replicas)) as sessions:
        allowed = parity.TOLERANCE_REDUCED if reduced else parity.TOLERANCE
        evaluation.check(evaluated, sessions, fed, prepared.preprocess, allowed)
        compared = parity.Comparison(request.name, sessions, fed, prepared.layout, prepared.preprocess)
        with faults.located("Keras cannot train the model"):
            expected = compared.with_keras(prepared.model, traced, jit)
        parity.check_finite(expected, [entry["name"] for entry in prepared.held if entry.get("nan")])
        steps, tolerance = compared.with_graph(expected, jit or request.fused, reduced)
        reset()
        pipelines.check(sessions, tolerance, reset, operations, compared.jit)
    if steps < len(expected):
        prepared.author.notices.say(
            "parity",
            f"its training magnifies rounding: of {len(expected)} steps, which agree with Keras's where nothing is "
            f"rewritten, a launch compares {steps}",
        )
        archive.write(Path(folder) / parity.FILE, {name: column[: batch * steps] for name, column in columns.items()})
    return {
        "file": parity.FILE,
        "batch": batch,
        "steps": steps,
        "losses": expected[:steps],
        "tolerance": tolerance,
    }


def _specs(prepared):
    """Return the tf.TensorSpecs of what a step is fed."""
    return [_spec(entry) for entry in prepared.entries]


def _spec(entry):
    import tensorflow as tf

    return tf.TensorSpec(entry["shape"], entry["dtype"], name=entry["name"])


def _concrete_specs(prepared, batch):
    """Return the tf.TensorSpecs of one batch of the default size, each free dimension at its usual size."""
    import tensorflow as tf

    if isinstance(prepared.source, Pipeline):
        first = prepared.source.drawn.first[0]
        return [
            tf.TensorSpec([batch, *first[e["name"]].shape[1:]], e["dtype"], name=e["name"]) for e in prepared.entries
        ]
    specs = []
    for entry in prepared.entries:
        lengths = prepared.source.lengths(entry["name"]) if None in entry["shape"][1:] else None
        shape = [n if n is not None else (lengths or (0, None))[1] for n in entry["shape"][1:]]
        if None in shape:
            raise ExportError(f"the length of {entry['name']} is not known before its preprocessing")
        specs.append(tf.TensorSpec([batch, *shape], entry["dtype"], name=entry["name"]))
    return specs
