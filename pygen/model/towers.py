"""A training step whose batch is cut into parts that are computed side by side, one per core.

The loss and gradients of each part are weighted by its share of the examples and added up. The sums are those of the
whole batch if its loss is the mean over its examples. TensorFlow runs the parts on its pool of threads.
"""

import tensorflow as tf

from pygen.errors import ExportError
from pygen.model.columns import SIMPLE
from pygen.model.forward import call, compute_loss, has_own_step


def training_step(model, parts, jit, layout=SIMPLE):
    """Return the function (*columns) → {"loss": float32 scalar} that trains `model` on one batch in `parts` parts.

    `layout` says which column is what. `jit` compiles each part and the update of the weights with XLA. Raises
    ExportError for a model with its own train_step and for weighted examples; when traced, for a model whose layers
    change variables (batch statistics, random state), which each part would change.
    """
    if has_own_step(model):
        raise ExportError("it cannot be computed in parts: it has a train_step of its own")
    if layout.sample_weight is not None or layout.class_weight:
        raise ExportError("it cannot be computed in parts: its examples have weights")

    @tf.function(jit_compile=jit or None, autograph=False)
    def part(*columns):
        x, y, _ = layout.pack(columns)
        with tf.GradientTape() as tape:
            loss = compute_loss(model, x, y, call(model, x), None)
            scaled = model.optimizer.scale_loss(loss)
        return loss, tape.gradient(scaled, model.trainable_weights)

    @tf.function(jit_compile=jit or None, autograph=False)
    def update(shares, losses, gradients):
        whole = [_sum(shares, each) for each in zip(*gradients, strict=True)]
        model.optimizer.apply_gradients(zip(whole, model.trainable_weights, strict=True))
        return _sum(shares, losses)

    def train(*columns):
        batch = tf.shape(columns[0])[0]
        bounds = [batch * k // parts for k in range(parts + 1)]
        ranges = list(zip(bounds, bounds[1:], strict=False))
        _check_pure(part.get_concrete_function(*(column[: bounds[1]] for column in columns)))
        losses, gradients = zip(*(part(*(c[low:high] for c in columns)) for low, high in ranges), strict=True)
        shares = [tf.cast(high - low, tf.float32) / tf.cast(batch, tf.float32) for low, high in ranges]
        return {"loss": tf.cast(update(shares, list(losses), list(gradients)), tf.float32)}

    return train


def _check_pure(concrete):
    graph = concrete.graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    if changed := sorted({node.name for node in nodes if node.op.startswith("Assign")}):
        raise ExportError(
            f"it cannot be computed in parts, which would each change its variables: {', '.join(changed)}"
        )


def _sum(shares, values):
    """Return the sum of the values, each times its share. A part without examples, whose mean is NaN, adds 0."""
    if not isinstance(values[0], tf.IndexedSlices):
        return tf.add_n([tf.math.multiply_no_nan(v, s) for v, s in zip(values, shares, strict=True)])
    return tf.IndexedSlices(
        tf.concat([tf.math.multiply_no_nan(v.values, s) for v, s in zip(values, shares, strict=True)], 0),
        tf.concat([v.indices for v in values], 0),
        values[0].dense_shape,
    )
