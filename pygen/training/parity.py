"""The parity check: the losses that Keras gets on a few batches, and whether a graph gets the same."""

from contextlib import ExitStack, closing

import numpy as np

from pygen.errors import ExportError
from pygen.model.columns import SIMPLE, as_fit_passes
from pygen.training import randomness

FILE = "parity.npz"
BATCH = 8
STEPS = 10
RESIDENT_STEPS = 4  # the step is the same function; what is compared is how the graph cuts batches

# The relative difference of losses that is allowed. The manifest of each graph has its own, and nothing else does.
TOLERANCE = 1e-5
TOLERANCE_COMPILED = 1e-3  # XLA orders sums otherwise
TOLERANCE_REDUCED = 1e-2  # float16 and bfloat16 round by 5e-4 and 4e-3, and a rewritten graph in other places

HEAVY = 1e9  # operations per example from which on batches are small
MOST = 1e11  # operations of the batches of a script's own size


def tolerance_of(compiled, reduced):
    """Return the relative difference allowed to a graph: `compiled` by XLA, even in part, or of `reduced` precision.

    A model is of reduced precision if any layer computes in float16 or bfloat16.
    """
    if reduced:
        return TOLERANCE_REDUCED
    return TOLERANCE_COMPILED if compiled else TOLERANCE


def is_heavy(operations):
    """Report whether training takes so many operations per example that the check has small batches."""
    return (operations or 0) > HEAVY


def size(fixed_batch, available, operations=None, replicas=1):
    """Return (batch, steps): 10 batches of 8 examples or of the fixed batch size, fewer if there are fewer examples.

    `available` is the number of examples, None for any. A model of many `operations` per example gets batches of 2.
    Of several `replicas` each has at least half as many, since normalization over few magnifies rounding. A batch may
    then be of more examples than there are.
    """
    usual = 2 if is_heavy(operations) else BATCH
    usual = max(usual, usual // 2 * replicas) // replicas * replicas
    if available is None:
        return fixed_batch or usual, STEPS
    batch = fixed_batch or min(usual, _multiple(max(1, available // STEPS), replicas))
    return batch, max(1, min(STEPS, available // batch))


def _multiple(count, of):
    """Return the smallest multiple of `of` that is not less than `count`."""
    return -(-count // of) * of


def affordable(examples, operations):
    """Return how many of the first batches, of so many `examples` each, are trained on: all but of a heavy model.

    It is at least one. `operations` is per example, None where they are not counted.
    """
    spent = 0
    for number, count in enumerate(examples):
        spent += count * (operations or 0)
        if spent > MOST:
            return max(1, number)
    return len(examples)


def batches(columns, entries, preprocess, batch):
    """Return raw examples as a step is fed them: a list of {name: array (batch, ...)}.

    `entries` are those of the manifest's inputs and targets, `preprocess` is the manifest's list.
    """
    count = len(next(iter(columns.values())))
    fed = []
    for start in range(0, count, batch):
        rows = {name: column[start : start + batch] for name, column in columns.items()}
        fed.append({e["name"]: prepare(rows[e["name"]], e, preprocess) for e in entries})
    return fed


def prepare(rows, entry, preprocess):
    """Return raw examples of one input or target, `entry`, as a step is fed them: an array (batch, ...)."""
    operations = {step["op"]: step for step in preprocess if step["input"] == entry["name"]}
    if "pad" in operations:
        length = entry["shape"][1] or max(map(len, rows))
        inner = np.shape(rows[0])[1:]
        padded = np.full((len(rows), length, *inner), operations["pad"]["value"], entry["dtype"])
        for line, row in zip(padded, rows, strict=True):
            line[: len(row)] = row
        rows = padded
    if entry["dtype"] == "string":
        return np.asarray(rows).astype(object)
    prepared = np.asarray(rows).astype(entry["dtype"])
    if "scale" in operations:
        prepared = prepared * np.float32(operations["scale"]["factor"])
    return prepared


def keras_losses(model, fed, layout=SIMPLE, jit=False, replicas=1):
    """Train a compiled Keras model on the batches as its fit does; return the loss that it reports for each step.

    `jit` compiles its step with XLA. On several `replicas`, logical CPUs that MirroredStrategy has, the model keeps the
    values of its variables.
    """
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    from pygen.training import mirrored, step

    model.run_eagerly = False
    model.jit_compile = jit
    counted = [variable for metric in model.metrics for variable in metric.variables]
    with mirrored.moved(model, [*step.variables(model), *counted], replicas) as cut, randomness.numbered():
        model.make_train_function()
        losses = []
        for batch in fed:
            x, y, sample_weight = layout.pack([batch[name] for name in layout.names])
            if layout.class_weight:
                sample_weight = class_weight_to_sample_weights(y, layout.class_weight)
            model.reset_metrics()  # else the loss is a running mean
            logs = model.train_function(iter([cut(as_fit_passes(*_tensors((x, y, sample_weight))))]))
            losses.append(float(step.pick_loss(logs)))
    return losses


def _tensors(nest):
    """Return the nest of arrays as tensors, which the step of Keras takes unchanged."""
    import keras
    import tensorflow as tf

    return keras.tree.map_structure(lambda a: None if a is None else tf.convert_to_tensor(a), nest)


def check_finite(expected, missing):
    """Raise ExportError if a loss that Keras gets is not finite; `missing` are the columns that hold NaN."""
    bad = [number for number, loss in enumerate(expected) if not np.isfinite(loss)]
    if not bad:
        return
    told = f"Keras's own loss is {expected[bad[0]]} at step {bad[0] + 1}: "
    if missing:
        raise ExportError(f"{told}there is NaN in {' and '.join(missing)}, and the loss does not leave it out")
    raise ExportError(f"{told}lower the learning rate of the model, or mend its data")


def kept(rewritten, moved, expected, usual):
    """Return (steps, tolerance): how many of the first losses tell whether a rewritten graph trains as Keras does.

    The losses `rewritten` and `moved` differ from those `expected` by rounding alone. `rewritten` does by less than
    several threads may add, so it must stay within a tenth of the tolerance; `moved`, where every weight was moved by
    its last bit, must stay within it. The steps before the first that does not are kept, with the `usual` tolerance.
    If that is only the first step, the second is kept too where it stays within the tolerance of compiled graphs,
    which then holds for both.
    """
    off = [
        max(10 * deviation([a], [c]), deviation([b], [c])) for a, b, c in zip(rewritten, moved, expected, strict=True)
    ]
    good = [worst <= usual for worst in off]
    steps = good.index(False) if False in good else len(good)
    if steps > 1 or len(good) == 1:
        return max(1, steps), usual
    second = max(usual, TOLERANCE_COMPILED)
    return (2, second) if max(off[:2]) <= second else (1, usual)


class Comparison:
    """A training of the same batches by Keras and by the exported graph."""

    def __init__(self, name, sessions, fed, layout=SIMPLE, preprocess=None):
        """Take the name and sessions of the graph, the batches as the data holds them, and the preprocess signature.

        A graph of several replicas is compared with Keras on as many logical devices.
        """
        self.name, self.sessions, self.fed, self.layout, self.preprocess = name, sessions, fed, layout, preprocess
        self.moved, self.jit = None, False  # `jit` is whether Keras trains under XLA, once it has

    def with_keras(self, model, function, jit=False):
        """Return the losses that Keras gets with its own preprocessing layers.

        If the graph is compiled by XLA (`jit`) and draws random numbers, Keras trains under XLA too, which draws others
        from the same seeds than TensorFlow's kernels do. A compiled graph without them is compared with Keras
        uncompiled, which shows that XLA computes the same.

        Keras then trains again with each variable of `function`, the traced step, moved by its last bit, which shows
        how far rounding alone leads. It does not if `function` draws random numbers from a state outside variables,
        because they would be others.
        """
        fed = [self.preprocess.with_keras(batch) for batch in self.fed] if self.preprocess else self.fed
        start = [(variable, variable.numpy()) for variable in function.graph.variables]
        self.jit = jit and randomness.draws(function.graph)
        model.train_function = None  # one that the model has trained with before is traced and compiled its own way
        losses = keras_losses(model, fed, self.layout, self.jit, self.sessions.replicas)
        if not randomness.keeps_state(function.graph):
            for variable, value in start:
                variable.assign(np.nextafter(value, np.float32(np.inf)) if value.dtype == np.float32 else value)
            self.moved = keras_losses(model, fed, self.layout, self.jit, self.sessions.replicas)
        return losses

    def with_graph(self, expected, compiled, reduced=False):
        """Compare the losses of the graph with those `expected`; return (steps, tolerance) for later checks.

        One thread that runs the graph unchanged does what Keras does, to the last bit or nearly. TensorFlow rewrites
        the graph for speed, which changes the last bits. Where training magnifies that (the first steps of Adam,
        normalization over few examples), later steps tell nothing about the graph, and only the first are kept.
        Graphs that are `compiled` have no form that is not rewritten; those of `reduced` precision round more.
        Raises ExportError for a graph that differs.
        """
        usual = tolerance_of(compiled, reduced)
        exact = TOLERANCE_COMPILED if reduced and not compiled else usual
        self._check("does not train as Keras does", self._losses(rewritten=compiled), expected, exact)
        rewritten = self._losses(rewritten=True)
        steps, tolerance = kept(rewritten, self.moved or expected, expected, usual)
        what = "does not train as Keras does when it is rewritten"
        self._check(what, rewritten[:steps], expected[:steps], tolerance)
        self._resident(expected, exact, compiled)
        return steps, tolerance

    def _losses(self, rewritten):
        return graph_losses(self.sessions, self.fed, rewritten)

    def _check(self, what, losses, expected, tolerance):
        worst = deviation(losses, expected)
        if worst > tolerance:
            raise ExportError(
                f"{self.name} {what}: losses {losses}, Keras {expected}, "
                f"relative difference {worst:.1e} over {tolerance:.0e}"
            )

    def _resident(self, expected, tolerance, rewritten):
        expected = expected[:RESIDENT_STEPS]
        mean = float(np.mean(expected))
        for loss in resident_losses(self.sessions, self.fed[: len(expected)], rewritten, rounds=2):
            self._check("trains otherwise on resident data", [loss], [mean], tolerance)


def graph_losses(sessions, fed, rewritten=True):
    """Train the exported graph on the batches, as the C API does, and return the loss of each step.

    `rewritten` lets TensorFlow rewrite the graph for speed, as it does by default. The first step is trained, the
    variables are restored, and all steps are trained, unless the graph draws random numbers from a state outside
    variables: then each step is trained once.
    """
    from pygen.model import preprocessing
    from pygen.training import step

    session, signatures, restore = sessions.get(rewritten)
    signature, first = signatures[step.SIGNATURE], signatures.get(preprocessing.KEY)

    def train(batch):
        if first:
            batch = batch | run(session, first, batch)
        feed = {signature.inputs[name].name: value for name, value in batch.items()}
        return float(session.run(signature.outputs["loss"].name, feed))

    if not randomness.keeps_state(session.graph):
        train(fed[0])
    restore()
    return [train(batch) for batch in fed]


def run(session, signature, batch):
    """Return what a signature makes in a session of a batch that has its inputs, {name: array}."""
    feed = {tensor.name: batch[name] for name, tensor in signature.inputs.items()}
    return session.run({name: tensor.name for name, tensor in signature.outputs.items()}, feed)


def resident_losses(sessions, fed, rewritten=True, rounds=1):
    """Train an epoch on batches that stay on the device, in one call; return the loss of each round.

    The data is uploaded once, and each round starts from the restored variables. The list is empty for a graph whose
    data cannot stay on the device, and for one that draws random numbers from a state outside variables. Raises
    ExportError if the graph takes another number of steps than there are batches.
    """
    from pygen.training import resident

    session, signatures, restore = sessions.get(rewritten)
    if resident.UPLOAD not in signatures or randomness.keeps_state(session.graph):
        return []
    upload, epoch = signatures[resident.UPLOAD], signatures[resident.EPOCH]
    columns = _gather(fed, upload.inputs)
    session.run(upload.outputs["examples"].name, {upload.inputs[k].name: v for k, v in columns.items()})
    batch = {epoch.inputs["batch"].name: len(next(iter(fed[0].values())))}
    losses = []
    for _ in range(rounds):
        restore()
        loss, steps = session.run([epoch.outputs["loss"].name, epoch.outputs["steps"].name], batch)
        if steps != len(fed):
            raise ExportError(f"an epoch in the graph takes {steps} steps over {len(fed)} batches")
        losses.append(float(loss))
    return losses


class Sessions:
    """The graph in sessions, as it stands and rewritten for speed, each loaded when it is first asked for."""

    def __init__(self, folder, replicas=1):
        """Take the SavedModel's folder and how many devices it is for. Close it after use."""
        self.folder, self.replicas, self._open, self._closing = str(folder), replicas, {}, ExitStack()

    def close(self):
        """Close the sessions."""
        self._closing.close()

    def get(self, rewritten):
        """Return the session, its signatures and a function that restores the variables."""
        if rewritten not in self._open:
            self._open[rewritten] = self._load(rewritten)
        return self._open[rewritten]

    def _load(self, rewritten):
        import tensorflow as tf

        from pygen.training import step

        config = tf.compat.v1.ConfigProto(device_count={"CPU": self.replicas})
        if not rewritten:
            config.graph_options.rewrite_options.disable_meta_optimizer = True
            config.graph_options.optimizer_options.opt_level = tf.compat.v1.OptimizerOptions.L0
        graph = tf.Graph()
        session = self._closing.enter_context(closing(tf.compat.v1.Session(graph=graph, config=config)))
        with graph.as_default():
            meta = step.load(session, self.folder)
        filename, operation = step.reset_names(self.folder)
        prefix = f"{self.folder}/variables/variables"
        return session, meta.signature_def, lambda: session.run(operation, {filename: prefix})


def _gather(fed, names):
    """Return {name: the batches end to end, padded to the longest}, with the length of each batch if in `names`."""
    columns = {}
    for name in fed[0]:
        parts = [batch[name] for batch in fed]
        lengths = f"{name}_lengths"
        if lengths in names:
            columns[lengths] = np.array([part.shape[1] for part in parts], np.int32)
            parts = [_widen(part, columns[lengths].max()) for part in parts]
        columns[name] = np.concatenate(parts)
    return columns


def _widen(part, length):
    return np.pad(part, [(0, 0), (0, length - part.shape[1])] + [(0, 0)] * (part.ndim - 2))


def deviation(losses, expected):
    """Return the largest difference between the lists, relative to the size of `expected`; inf if any is not finite."""
    losses, expected = np.asarray(losses), np.asarray(expected)
    if not (np.isfinite(losses).all() and np.isfinite(expected).all()):
        return float("inf")
    return float(np.max(np.abs(losses - expected) / np.maximum(np.abs(expected), 1e-12)))
