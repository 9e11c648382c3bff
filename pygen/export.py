"""One export: build the model, save its training step, check it against Keras, describe it.

Meant for a fresh process for each graph: TensorFlow numbers functions and Keras names layers per process.
"""

import contextlib
import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path

from pygen import flops, manifest, parity, resident, step
from pygen.data import Settings
from pygen.errors import ExportError, UsageError

SEED = 1


@dataclass(frozen=True)
class Request:
    """What to export: a model, how it differs from the plain one, and where its examples come from."""

    model: str
    name: str
    source: object
    settings: Settings
    jit: bool = False
    unroll: bool = False
    fused: bool = False
    parts: int = 1
    batch: int | None = None
    optimizer: str | None = None
    learning_rate: float | None = None


def load_model(name):
    """Return the module of a built-in model."""
    return importlib.import_module(f"pygen.models.{name}")


def check(request):
    """Raise UsageError or ExportError for what can be told wrong before anything is built.

    Runs no TensorFlow, so that the calling process can still be forked.
    """
    parameters = inspect.signature(load_model(request.model).build).parameters
    request.source.build_arguments(request.model, parameters, request.unroll)
    available = request.source.available()
    if request.batch and available is not None and available < request.batch:
        raise UsageError(f"--batch {request.batch} is more than the {available} examples of the data file")


def export(request, folder, home):
    """Write the graph to `folder` (which exists and is empty) and return its manifest, a dict.

    `home` is where the folder will live: a data file's path is noted relative to it.
    Raises ExportError if the graph does not train as Keras does, or the model cannot be built.
    """
    module = load_model(request.model)
    model = build(module, request)
    entries = describe_columns(model, request)
    with fused_layers(request):
        step.save(model, [_spec(entry) for entry in entries], str(folder), request.jit, request.parts)
    inputs, targets = entries[: len(model.inputs)], entries[len(model.inputs) :]
    preprocess = request.source.preprocess(inputs)
    settings = run_settings(request)
    operations = flops.per_example(model, _concrete_specs(entries, request, settings))
    described = {
        "format": manifest.FORMAT,
        "name": request.name,
        "sha256": "",
        "model": manifest.describe_model(model, request.model, operations),
        "variant": {
            "precision": model.dtype_policy.name,
            "jit": request.jit,
            "unroll": request.unroll,
            "batch": request.batch,
            "device": "cpu",
        }
        | ({"fused": True} if request.fused else {})
        | ({"parts": request.parts} if request.parts > 1 else {}),
        "inputs": inputs,
        "targets": targets,
        "signatures": {"train": {"key": step.SIGNATURE, "loss": "loss"}, **resident.describe(entries)},
        "reset": reset(folder),
        "preprocess": preprocess,
        "data": request.source.to_json(home, entries),
        "settings": settings,
        "parity": check_parity(module, model, request, folder, entries, preprocess),
        "made_with": manifest.made_with(),
    }
    described["sha256"] = manifest.identity(folder, described)
    manifest.write(folder, described)
    return described


def build(module, request):
    """Return the compiled model with the request's optimizer. Raises ExportError, UsageError."""
    import keras

    keras.utils.set_random_seed(SEED)
    parameters = inspect.signature(module.build).parameters
    arguments = request.source.build_arguments(request.model, parameters, request.unroll)
    try:
        model = module.build(**arguments)
    except ValueError as error:
        given = ", ".join(f"{k}={v}" for k, v in arguments.items())
        raise ExportError(f"{request.model} cannot be built with {given}: {str(error).splitlines()[0]}") from error
    if request.optimizer or request.learning_rate:
        model.optimizer = make_optimizer(model.optimizer, request.optimizer, request.learning_rate)
    return model


@contextlib.contextmanager
def fused_layers(request):
    """Within it, the step is traced with the request's kind of recurrent layers. Raises UsageError if none is fused."""
    if not request.fused:
        yield
        return
    from pygen import recurrent

    with recurrent.fused() as outcome:
        yield
    if not outcome:
        raise UsageError(f"{request.model} has no recurrent layer that --fused could change")
    if reasons := [f"{name}: {reason}" for name, reason in outcome.items() if reason]:
        raise ExportError(f"{request.model} has layers that cannot be fused: {'; '.join(reasons)}")


def make_optimizer(present, name, learning_rate):
    """Return the optimizer `name` with its defaults, or the present one, at `learning_rate` if given."""
    import keras

    if name:
        try:
            present = keras.optimizers.get(name)
        except (ValueError, TypeError):
            raise UsageError(f"Keras has no optimizer named {name}; try sgd, adam, adamw, rmsprop or lion") from None
    config = present.get_config()
    if learning_rate:
        config["learning_rate"] = learning_rate
    return present.__class__.from_config(config)


def describe_columns(model, request):
    """Return the manifest entries of the inputs, then the targets."""
    shapes = [(t.name, t.dtype, t.shape[1:]) for t in model.inputs]
    categories = request.source.categories("y")
    shapes.append(("y", "float32", model.output_shape[1:]) if categories is None else ("y", "int32", ()))
    entries = []
    for name, dtype, shape in shapes:
        entry = {"name": name, "dtype": str(dtype), "shape": [request.batch, *shape]}
        if dtype == "int32":
            entry["categories"] = request.source.categories(name)
        entries.append(entry)
    return entries


def run_settings(request):
    """Return the manifest's "settings"; with a fixed batch the examples divide."""
    samples, batch = request.source.defaults(request.settings)
    if request.batch:
        batch = request.batch
        samples = max(1, samples // batch) * batch
    return {"samples": samples, "batch": batch, "epochs": request.settings.epochs}


def reset(folder):
    """Return the manifest's "reset", read from the SavedModel's own saver."""
    filename, operation = step.reset_names(folder)
    return {"kind": "restore", "filename_tensor": filename, "operation": operation}


def check_parity(module, model, request, folder, entries, preprocess):
    """Write parity.npz, train a second model with Keras, compare the graph with it; return the manifest's "parity"."""
    batch, steps = parity.size(request.batch, request.source.available())
    columns = request.source.draw(batch * steps, entries, vary=not (request.jit or request.fused))
    parity.write(Path(folder) / parity.FILE, columns)
    fed = parity.batches(columns, entries, preprocess, batch)
    reference = build(module, request)
    for theirs, ours in zip(reference.variables, model.variables, strict=True):
        theirs.assign(ours)
    expected = parity.keras_losses(reference, fed)
    tolerance = parity.TOLERANCE_JIT if request.jit else parity.TOLERANCE
    for losses in parity.graph_losses(folder, fed, rounds=2):
        worst = parity.deviation(losses, expected)
        if worst > tolerance:
            raise ExportError(
                f"{request.name} does not train as Keras does: losses {losses}, Keras {expected}, "
                f"relative difference {worst:.1e} over {tolerance:.0e}"
            )
    mean = sum(expected) / len(expected)
    for loss in parity.resident_losses(folder, fed, rounds=2):
        worst = parity.deviation([loss], [mean])
        if worst > tolerance:
            raise ExportError(
                f"{request.name} trains otherwise on resident data: loss {loss}, fed in batches {mean}, "
                f"relative difference {worst:.1e} over {tolerance:.0e}"
            )
    return {"file": parity.FILE, "batch": batch, "steps": steps, "losses": expected}


def _spec(entry):
    import tensorflow as tf

    return tf.TensorSpec(entry["shape"], entry["dtype"], name=entry["name"])


def _concrete_specs(entries, request, settings):
    """Return the specs of one default batch: every free dimension has its usual size."""
    import tensorflow as tf

    batch = settings["batch"] or settings["samples"]
    specs = []
    for entry in entries:
        shape = [n if n is not None else request.source.lengths(entry["name"])[1] for n in entry["shape"][1:]]
        specs.append(tf.TensorSpec([batch, *shape], entry["dtype"], name=entry["name"]))
    return specs
