"""A data set that stays on the device: it is uploaded once, and an epoch is one call that counts steps in the graph."""

import tensorflow as tf

UPLOAD = "upload"
EPOCH = "epoch"


def signatures(step, specs):
    """Return {name: tf.function}, the signatures that keep the data beside the graph and train on it.

    `step` is the training step, a tf.function of the batch that `specs` (tf.TensorSpecs, batch included) describe.
    The data is in resources outside variables, because a reset restores every variable of the checkpoint.
    """
    columns = [_Column(spec) for spec in specs]
    return {UPLOAD: _upload(columns), EPOCH: _epoch(step, columns)}


def possible(specs):
    """Report whether data of these tf.TensorSpecs can stay on the device: numbers, with at most their length free."""
    return all(spec.dtype != tf.string and None not in list(spec.shape)[2:] for spec in specs)


def describe(entries):
    """Return "upload" and "epoch" of the "signatures" of the manifest, for its entries of inputs and targets."""
    names = [entry["name"] for entry in entries if _varies(entry["shape"])]
    return {
        "upload": {"key": UPLOAD, "examples": "examples", "lengths": {name: _lengths(name) for name in names}},
        "epoch": {"key": EPOCH, "batch": "batch", "loss": "loss", "steps": "steps"},
    }


def _varies(shape):
    """Report whether batches of this shape may differ in length."""
    return len(shape) > 1 and shape[1] is None


def _lengths(name):
    return f"{name}_lengths"


class Held:
    """A tensor that outlives the call and is found by its name."""

    def __init__(self, spec, group="resident"):
        """Take the tf.TensorSpec of what is held, with its name, which is one of a group."""
        self.spec, self.group = spec, group

    def _handle(self):
        name = f"{self.group}/{self.spec.name}"
        return tf.raw_ops.VarHandleOp(dtype=self.spec.dtype, shape=self.spec.shape, shared_name=name, container="")

    def assign(self, value):
        """Hold `value`."""
        tf.raw_ops.AssignVariableOp(resource=self._handle(), value=value)

    def add(self, value):
        """Add `value` to what is held."""
        tf.raw_ops.AssignAddVariableOp(resource=self._handle(), value=value)

    def taken(self, cleared):
        """Return the value, `cleared` where nothing is held yet, and hold `cleared` from then on."""
        handle = self._handle()  # one, by which TensorFlow keeps the order of reading and writing
        there = tf.raw_ops.VarIsInitializedOp(resource=handle)
        value = tf.cond(
            there, lambda: tf.raw_ops.ReadVariableOp(resource=handle, dtype=self.spec.dtype), lambda: cleared
        )
        with tf.control_dependencies([value]):
            tf.raw_ops.AssignVariableOp(resource=handle, value=cleared)
        value.set_shape(self.spec.shape)
        return value

    def read(self):
        """Return what is held; running it fails where nothing is."""
        value = tf.raw_ops.ReadVariableOp(resource=self._handle(), dtype=self.spec.dtype)
        value.set_shape(self.spec.shape)
        return value


class _Column:
    """One input or target of all examples."""

    def __init__(self, spec):
        """Take the tf.TensorSpec of a batch."""
        self.spec = spec
        self.held = [Held(tf.TensorSpec([None, *spec.shape[1:]], spec.dtype, name=spec.name))]
        if _varies(spec.shape):
            self.held.append(Held(tf.TensorSpec([None], tf.int32, name=_lengths(spec.name))))

    def batch(self, held, step, begin, end):
        """Return the batch of a step as the feeder would make it, from the values of `held`.

        It has the examples from `begin` to before `end`, vectors of one element.
        """
        rows = tf.strided_slice(held[0], begin, end)
        if len(held) > 1:
            rows = rows[:, : held[1][step]]
        rows.set_shape(self.spec.shape)
        return rows


def _upload(columns):
    """Return the function that takes and holds every column, with the lengths of batches if they vary.

    Its output "examples" (int32 scalar) is the number of examples.
    """
    held = [h for column in columns for h in column.held]

    def upload(*values):
        for h, value in zip(held, values, strict=True):
            h.assign(value)
        return {"examples": tf.shape(values[0])[0]}

    return tf.function(upload, input_signature=[h.spec for h in held], autograph=False)


def _epoch(step, columns):
    """Return the function batch (int32 scalar) → {"loss": float32 scalar, "steps": int32 scalar} over all held data.

    The loss is the mean of the losses of the steps, weighted by their examples. The last batch may be short.
    """

    def epoch(batch):
        held = [[h.read() for h in column.held] for column in columns]
        total = tf.shape(held[0][0])[0]

        def one(steps, begin, losses):
            end = tf.minimum(begin + batch, total)
            parts = [c.batch(h, steps, begin[tf.newaxis], end[tf.newaxis]) for c, h in zip(columns, held, strict=True)]
            loss = tf.cast(step(*parts)["loss"], tf.float64)
            return steps + 1, end, losses + loss * tf.cast(end - begin, tf.float64)

        steps, _, losses = tf.while_loop(
            lambda steps, begin, losses: begin < total,
            one,
            (tf.constant(0), tf.constant(0), tf.constant(0.0, tf.float64)),
            parallel_iterations=1,
        )
        return {"loss": tf.cast(losses / tf.cast(total, tf.float64), tf.float32), "steps": steps}

    return tf.function(epoch, input_signature=[tf.TensorSpec([], tf.int32, name="batch")], autograph=False)
