"""The parity check: the losses that Keras itself gets on a few batches, and whether a graph gets the same."""

from contextlib import contextmanager

import numpy as np

from pygen.errors import ExportError

FILE = "parity.npz"
BATCH = 8
STEPS = 5

TOLERANCE = 1e-5
TOLERANCE_JIT = 1e-3


def size(fixed_batch, available):
    """Return (batch, steps): 5 batches of 8 examples or of the fixed batch, fewer if fewer examples are available."""
    if available is None:
        return fixed_batch or BATCH, STEPS
    batch = fixed_batch or min(BATCH, max(1, available // STEPS))
    return batch, max(1, min(STEPS, available // batch))


def write(path, columns):
    """Write raw examples: arrays as they are, lists of sequences end to end with NAME.lengths beside them."""
    arrays = {}
    for name, column in columns.items():
        if isinstance(column, list):
            arrays[name] = np.concatenate(column)
            arrays[f"{name}.lengths"] = np.array([len(row) for row in column], np.int64)
        else:
            arrays[name] = np.ascontiguousarray(column)
    np.savez(path, **arrays)


def batches(columns, entries, preprocess, batch):
    """Return the raw examples as what a step is fed: a list of {name: array} with `batch` examples each."""
    count = len(next(iter(columns.values())))
    fed = []
    for start in range(0, count, batch):
        rows = {name: column[start : start + batch] for name, column in columns.items()}
        fed.append({e["name"]: _prepare(rows[e["name"]], e, preprocess) for e in entries})
    return fed


def _prepare(rows, entry, preprocess):
    operations = {step["op"]: step for step in preprocess if step["input"] == entry["name"]}
    if "pad" in operations:
        length = entry["shape"][1] or max(map(len, rows))
        padded = np.full((len(rows), length), operations["pad"]["value"], entry["dtype"])
        for line, row in zip(padded, rows, strict=True):
            line[: len(row)] = row
        rows = padded
    prepared = np.asarray(rows).astype(entry["dtype"])
    if "scale" in operations:
        prepared = prepared * np.float32(operations["scale"]["factor"])
    return prepared


def keras_losses(model, fed):
    """Train a compiled Keras model on the batches and return its own loss of each step."""
    model.run_eagerly = False
    model.jit_compile = False
    losses = []
    for batch in fed:
        model.reset_metrics()  # else the loss is a running mean
        loss = model.train_on_batch(*batch.values())
        losses.append(float(loss[0] if isinstance(loss, list) else loss))
    return losses


def graph_losses(folder, fed, rounds=1):
    """Train the exported graph on the batches, as the C API does; returns one list of losses for each round.

    Every round starts from the restored variables.
    """
    from pygen import step

    with _session(folder) as (session, signatures, restore):
        signature = signatures[step.SIGNATURE]
        results = []
        for _ in range(rounds):
            restore()
            feeds = [{signature.inputs[name].name: value for name, value in batch.items()} for batch in fed]
            results.append([float(session.run(signature.outputs["loss"].name, feed)) for feed in feeds])
    return results


def resident_losses(folder, fed, rounds=1):
    """Train an epoch on the batches in one call, all of them on the device; returns the loss of each round.

    The data is uploaded once; every round starts from the restored variables. Raises ExportError if the graph
    takes another number of steps than there are batches.
    """
    from pygen import resident

    with _session(folder) as (session, signatures, restore):
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


@contextmanager
def _session(folder):
    """Load the graph; yields the session, its signatures and a function that restores the variables."""
    import tensorflow as tf

    from pygen import step

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = step.load(session, str(folder))
        filename, operation = step.reset_names(folder)
        yield session, meta.signature_def, lambda: session.run(operation, {filename: f"{folder}/variables/variables"})


def _gather(fed, names):
    """Return the batches end to end, padded to the longest of all, with each batch's length where `names` has it."""
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
    """Return the largest relative difference; infinity where a loss is not finite."""
    losses, expected = np.asarray(losses), np.asarray(expected)
    if not (np.isfinite(losses).all() and np.isfinite(expected).all()):
        return float("inf")
    return float(np.max(np.abs(losses - expected) / np.maximum(np.abs(expected), 1e-12)))
