"""What is to be trained: a call of fit with what the job changes of it."""

import contextlib
import inspect
from dataclasses import dataclass

import keras
from keras.src.trainers.data_adapters.array_data_adapter import can_convert_arrays

from pygen.author.fitting import Call
from pygen.author.notices import Notices
from pygen.model import compiling, derive
from pygen.model.forward import has_own_step
from pygen.worker import backend
from pygen.worker.protocol import Failure

NONE = "none"
STAMPED = "stamped"


@dataclass
class Work:
    """A compiled model and the arguments of its fit, as the job has them.

    An epoch has `samples` examples in `steps` batches of `batch`; both are 0 where only an epoch tells. `pipeline` says
    where batches come from, as record.Resolved does. `usual` is how many examples the exporter has counted. `columns`,
    a `columns.Columns`, has the examples where no script makes them.
    """

    model: object
    given: dict
    samples: int
    batch: int
    steps: int
    pipeline: str
    usual: int
    columns: object = None


def settle(call, request, job, described, columns=None):
    """Return the Work of a `fitting.Call`: the model and arguments with the changes of the job. Raises Failure.

    `described` is the manifest of the graph.
    """
    model, given, config = call.model, dict(call.given), job.config
    _refuse_own_step(model)
    _compile(model, request, config)
    _split(given)
    _leave_out(model, given, config)
    if request.class_weight:
        given["class_weight"] = request.class_weight
    given["epochs"] = given["initial_epoch"] + job.epochs
    work = _batches(model, given, config, described["settings"])
    work.columns = columns
    return work


def _refuse_own_step(model):
    """Raise Failure for a train_step(data) where the backend is JAX, which gives it its state too."""
    if keras.backend.backend() != "jax" or not has_own_step(model):
        return
    if len(inspect.signature(model.train_step).parameters) < 2:
        told = f"{type(model).__name__} has a train_step(data) of its own, and JAX takes train_step(state, data)"
        raise Failure("job", told, "what only TensorFlow trains, the runtime fit does")


def call_of(model, **given):
    """Return the Call of fit with the arguments `given`, and Keras's defaults for the others."""
    defaults = inspect.signature(keras.Model.fit).parameters.values()
    return Call(model, {p.name: p.default for p in defaults if p.name != "self"} | given)


def _compile(model, request, config):
    outputs = lambda: derive.output_tensors(model, derive.input_tensors(model))  # noqa: E731
    compiling.settle(model, request, outputs, None, Notices())
    if request.jit:
        model.jit_compile = True
    if config.get("compile"):
        model.jit_compile = config["compile"] == "on"
    if per_call := config.get("steps_per_execution"):
        model.steps_per_execution = per_call
    if NONE in (config.get("metrics"), config.get("step")):  # those of no step have no result
        model._compile_metrics = None
    model.train_function = model.test_function = None


def _split(given):
    """Put apart what fit would of its data for validation: it is no example of training, validated or not."""
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    if given["validation_split"] and given["validation_data"] is None:
        data = given["x"], given["y"], given["sample_weight"]
        split, given["validation_data"] = train_validation_split(data, given["validation_split"])
        given["x"], given["y"], given["sample_weight"] = split
    given["validation_split"] = 0.0


def _leave_out(model, given, config):
    if config.get("validation") == NONE:
        given["validation_data"] = None
    if config.get("callbacks") == NONE:
        given["callbacks"] = None


def _batches(model, given, config, usual):
    """Return the Work of arrays, of which the job says how they are cut, or of batches that the script makes."""
    data = given["x"], given["y"], given["sample_weight"]
    if given["steps_per_epoch"] or not can_convert_arrays(keras.tree.flatten(data)):
        for name in ("batch", "samples"):
            if config[name] and config[name] != usual[name]:
                raise Failure(
                    "job",
                    f"the script makes its own batches: {name} cannot be {config[name]}",
                    "change it in the script",
                )
        batch = usual["batch"] or 1
        return _in_memory(Work(model, given, 0, batch, 0, "script", usual["samples"]), config)
    there = len(keras.tree.flatten(given["x"])[0])
    samples = config["samples"] or there
    if samples > there:
        raise Failure("job", f"the script has {there} examples, and {samples} are asked for", "ask for fewer samples")
    if samples < there:
        for name in ("x", "y", "sample_weight"):
            given[name] = _cut(given[name], samples)
    batch = min(config["batch"] or samples, samples)
    given["batch_size"] = batch
    given["shuffle"] = (given["shuffle"] or True) if config["shuffle"] else False
    return _in_memory(Work(model, given, samples, batch, -(-samples // batch), "", samples), config)


def _cut(nest, count):
    return None if nest is None else keras.tree.map_structure(lambda leaf: leaf[:count], nest)


def _in_memory(work, config):
    """Return the work with the batches of one epoch in memory, if the job asks for that."""
    if config.get("pipeline") != "memory":
        return work
    backend.only_tensorflow("batches in memory")
    import tensorflow as tf

    dataset = dataset_of(work.given)
    if dataset.steps is None:
        raise Failure("job", "the script's data has no end, and no steps_per_epoch says what an epoch is")
    kept = dataset.batches.take(dataset.steps) if dataset.steps > 0 else dataset.batches
    kept = kept.cache()
    with dataset.epoch():
        sizes = [int(keras.tree.flatten(batch)[0].shape[0]) for batch in kept]  # which fills it
    if not sizes:
        raise Failure("data", "the script's data has no batch")
    # Of data without a length, Keras finds the end by a step too many, whose examples it counts in the loss.
    kept = kept.apply(tf.data.experimental.assert_cardinality(len(sizes)))
    empty = dict.fromkeys(("y", "sample_weight", "class_weight", "steps_per_epoch", "batch_size"))
    work.given |= empty | {"x": kept}
    work.pipeline, work.samples, work.steps, work.batch = "memory", sum(sizes), len(sizes), max(sizes)
    return work


@dataclass
class Dataset:
    """A tf.data.Dataset of batches, and how many an epoch has: -1 for all of them, None where they have no end."""

    batches: object
    steps: int | None
    adapter: object

    @contextlib.contextmanager
    def epoch(self):
        """Within it, an epoch of the batches is drawn: what makes them may have processes of its own for each."""
        self.adapter.on_epoch_begin()
        try:
            yield
        finally:
            self.adapter.on_epoch_end()


def dataset_of(given):
    """Return the `Dataset` that fit makes of its arguments under TensorFlow."""
    import tensorflow as tf
    from keras.src.trainers.data_adapters import get_data_adapter

    names = ("x", "y", "sample_weight", "batch_size", "steps_per_epoch", "shuffle", "class_weight")
    adapter = get_data_adapter(**{name: given[name] for name in names})
    batches = adapter.get_tf_dataset()
    steps = given["steps_per_epoch"] or adapter.num_batches
    if steps is None:
        steps = None if batches.cardinality() == tf.data.INFINITE_CARDINALITY else -1
    return Dataset(batches, steps, adapter)


def built(work):
    """Build the model of the work, if its data tells of what it is built for; return whether it is built."""
    model, x = work.model, work.given["x"]
    if all(layer.built for layer in model._flatten_layers()):
        return True
    tensors = _tensors(x)
    if tensors is None:
        return False
    try:
        model(tensors)
    except Exception:  # a model may have nothing but its train_step
        return False
    return all(layer.built for layer in model._flatten_layers())


def _tensors(x):
    """Return x of a batch as KerasTensors, None for what only drawing a batch would tell."""
    if hasattr(x, "element_spec"):
        spec = x.element_spec
        x = spec[0] if isinstance(spec, tuple) else spec
    leaves = keras.tree.flatten(x)
    if not all(hasattr(leaf, "shape") and getattr(leaf.shape, "rank", 1) is not None for leaf in leaves):
        return None
    return keras.tree.map_structure(
        lambda leaf: keras.KerasTensor((None, *leaf.shape[1:]), dtype=keras.backend.standardize_dtype(leaf.dtype)), x
    )
