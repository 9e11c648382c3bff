"""The parity check: the losses that Keras itself gets on a few batches, and whether a graph gets the same."""

import numpy as np

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
    import tensorflow as tf

    from pygen import step

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = step.load(session, str(folder))
        signature = meta.signature_def[step.SIGNATURE]
        filename, restore = step.reset_names(folder)
        results = []
        for _ in range(rounds):
            session.run(restore, {filename: f"{folder}/variables/variables"})
            feeds = [{signature.inputs[name].name: value for name, value in batch.items()} for batch in fed]
            results.append([float(session.run(signature.outputs["loss"].name, feed)) for feed in feeds])
    return results


def deviation(losses, expected):
    """Return the largest relative difference; infinity where a loss is not finite."""
    losses, expected = np.asarray(losses), np.asarray(expected)
    if not (np.isfinite(losses).all() and np.isfinite(expected).all()):
        return float("inf")
    return float(np.max(np.abs(losses - expected) / np.maximum(np.abs(expected), 1e-12)))
