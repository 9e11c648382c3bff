"""Training steps whose batch is cut: into parts for the cores of one device, or into one tower for each of N devices.

The loss and gradients of each part are weighted by its share of the examples and added up. The sums are those of the
whole batch if its loss is the mean over its examples. TensorFlow runs the parts on its pool of threads.

A tower on a device of its own is a replica, and does what one of Keras does under tf.distribute.MirroredStrategy
(`replicated_step`). Variables are on the first device, from which each tower reads them.
"""

import tensorflow as tf

from pygen.errors import ExportError
from pygen.model import replicas as own
from pygen.model.columns import SIMPLE
from pygen.model.forward import gradients, has_own_step, update_metrics


def training_step(model, parts, jit, layout=SIMPLE):
    """Return the function (*columns) → {"loss": float32 scalar} that trains `model` on one batch in `parts` parts.

    `layout` says which column is what. `jit` compiles each part and the update of the weights with XLA. Raises
    ExportError for a model with its own train_step and for weighted examples; when traced, for a model whose layers
    change variables (batch statistics, random state), which each part would change.
    """
    _check(model, layout, "in parts")

    @tf.function(jit_compile=jit or None, autograph=False)
    def part(*columns):
        x, y, _ = layout.pack(columns)
        loss, found, _ = gradients(model, x, y, None)
        return loss, found

    @tf.function(jit_compile=jit or None, autograph=False)
    def update(shares, losses, found):
        _apply(model, [_sum(each, shares) for each in zip(*found, strict=True)])
        return _sum(losses, shares)

    def train(*columns):
        batch = tf.shape(columns[0])[0]
        bounds = [batch * k // parts for k in range(parts + 1)]
        ranges = list(zip(bounds, bounds[1:], strict=False))
        _check_pure(part.get_concrete_function(*(column[: bounds[1]] for column in columns)))
        losses, found = zip(*(part(*(c[low:high] for c in columns)) for low, high in ranges), strict=True)
        shares = _shares(ranges, batch)
        return {"loss": tf.cast(update(shares, list(losses), list(found)), tf.float32)}

    return train


def replicated_step(model, replicas, device, specs, layout=SIMPLE):
    """Return the function (*columns) → {"loss": float32 scalar} that trains `model` on `replicas` devices.

    `device` is cpu or gpu; `specs` are the tf.TensorSpecs of the layout's columns, batch included. It is what Keras
    does under MirroredStrategy. Each replica takes as many examples as the next, rounded up, so that the last of a
    short batch has fewer or none. Its loss is scaled by 1/replicas, its gradients are clipped, then added to those of
    the others and applied once. The loss is the mean over all examples. State that layers change is each replica's
    own, metrics count for all. Raises ExportError for what it cannot do as MirroredStrategy does.
    """
    _check(model, layout, "on several devices")
    own.check(model)
    state = own.State(model, replicas, lambda *columns: _tower(model, layout, columns, replicas), specs)

    def train(*columns):
        losses, found, ranges = [], [], own.ranges(columns[0], replicas)
        for k, (low, high) in enumerate(ranges):
            with tf.device(f"/device:{device.upper()}:{k}"), state.of(k):
                loss, each = _tower(model, layout, [column[low:high] for column in columns], replicas)
            losses.append(loss)
            found.append(each)
        with tf.device(f"/device:{device.upper()}:0"):
            with own.clipped(model):
                _apply(model, [_sum(each) for each in zip(*found, strict=True)])
            shares = _shares(ranges, tf.shape(columns[0])[0])
            return {"loss": tf.cast(_sum(losses, shares), tf.float32)}

    return train


def _tower(model, layout, columns, replicas):
    """Return (loss, clipped gradients) of one replica; the loss is the mean over its examples."""
    x, y, _ = layout.pack(columns)
    with own.scaling(replicas) as unscaled:
        loss, found, predicted = gradients(model, x, y, None)
        update_metrics(model, x, y, predicted, None)
        return unscaled(loss), model.optimizer._clip_gradients(found)


def _check(model, layout, how):
    if has_own_step(model):
        raise ExportError(f"it cannot be computed {how}: it has a train_step of its own")
    if layout.sample_weight is not None or layout.class_weight:
        raise ExportError(f"it cannot be computed {how}: its examples have weights")


def _check_pure(concrete):
    graph = concrete.graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    if changed := sorted({node.name for node in nodes if node.op.startswith("Assign")}):
        raise ExportError(
            f"it cannot be computed in parts, which would each change its variables: {', '.join(changed)}"
        )


def _apply(model, whole):
    model.optimizer.apply_gradients(zip(whole, model.trainable_weights, strict=True))


def _shares(ranges, batch):
    return [tf.cast(high - low, tf.float32) / tf.cast(batch, tf.float32) for low, high in ranges]


def _sum(values, shares=None):
    """Return the sum of the values, each times its share, or whole without shares; None where there are none.

    A part without examples, whose mean is NaN, adds 0.
    """
    if values[0] is None:
        return None
    scaled = values if shares is None else [_times(v, s) for v, s in zip(values, shares, strict=True)]
    if not isinstance(values[0], tf.IndexedSlices):
        return tf.add_n(scaled)
    rows, places = tf.concat([v.values for v in scaled], 0), tf.concat([v.indices for v in scaled], 0)
    return tf.IndexedSlices(rows, places, values[0].dense_shape)


def _times(value, share):
    if isinstance(value, tf.IndexedSlices):
        return tf.IndexedSlices(tf.math.multiply_no_nan(value.values, share), value.indices, value.dense_shape)
    return tf.math.multiply_no_nan(value, share)
