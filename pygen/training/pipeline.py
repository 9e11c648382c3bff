"""A tf.data pipeline as signatures of the SavedModel: keep it, begin a pass, take the next batch.

The data set is built once a launch and kept in a resource variable: built anew for each pass it would parse its arrays
again, and repeat its shuffle. Variable and iterator are found again by their names.
"""

import tensorflow as tf

TRAINING = "pipeline"
VALIDATION = "validation"


def signatures(prefix, pipeline):
    """Return {key: concrete function} of a `pipeline`, which has `specs` and `content`, under the key `prefix`."""
    types = [spec.dtype for spec in pipeline.specs.values()]
    shapes = [spec.shape for spec in pipeline.specs.values()]
    arrays = pipeline.content.array_specs()

    def variable():
        return tf.raw_ops.VarHandleOp(dtype=tf.variant, shape=[], shared_name=f"{prefix}/dataset", container="")

    def iterator():
        return tf.raw_ops.IteratorV2(
            shared_name=f"{prefix}/iterator", container="", output_types=types, output_shapes=shapes
        )

    def make(*fed):
        dataset = pipeline.content.build(dict(zip(arrays, fed, strict=True)))
        tf.raw_ops.AssignVariableOp(resource=variable(), value=dataset)
        return {"ready": tf.constant(1)}

    def rewind():
        kept = tf.raw_ops.ReadVariableOp(resource=variable(), dtype=tf.variant)
        tf.raw_ops.MakeIterator(dataset=kept, iterator=iterator())
        return {"ready": tf.constant(1)}

    def following():
        batch = tf.raw_ops.IteratorGetNext(iterator=iterator(), output_types=types, output_shapes=shapes)
        return dict(zip(pipeline.specs, batch, strict=True))

    named = [tf.TensorSpec(spec.shape, spec.dtype, name=name) for name, spec in arrays.items()]
    keys = keys_of(prefix)
    return {
        keys["make"]: _traced(make, named),
        keys["rewind"]: _traced(rewind),
        keys["next"]: _traced(following),
    }


def keys_of(prefix):
    """Return the keys of the three signatures, as the manifest names them."""
    return {"make": prefix, "rewind": f"{prefix}_rewind", "next": f"{prefix}_next"}


def _traced(function, specs=()):
    def on_host(*arguments):
        with tf.device("CPU:0"):
            return function(*arguments)

    return tf.function(on_host, input_signature=list(specs), autograph=False).get_concrete_function()


class Passes:
    """The pipeline of a SavedModel in a session, as a launch uses it."""

    def __init__(self, session, signatures, prefix, arrays):
        """Take the session, its signatures, the key `prefix` and {name: array} that the pipeline is built of."""
        self.session, self.signatures, self.keys = session, signatures, keys_of(prefix)
        self._run("make", arrays)

    def take(self, count):
        """Return the first `count` batches of a new pass, {name: array} each; fewer where it ends."""
        self._run("rewind", {})
        batches = []
        try:
            while len(batches) < count:
                batches.append(self._run("next", {}))
        except tf.errors.OutOfRangeError:
            pass
        return batches

    def losses(self, batches):
        """Return the losses of a step on each of the batches."""
        return [float(self._run("train", batch)["loss"]) for batch in batches]

    def metrics(self, batches):
        """Return {output: value} of the metrics of validation over the batches."""
        self._run("reset_metrics", {})
        for batch in batches:
            self._run("validate", batch)
        return self._run("metrics", {})

    def _run(self, key, fed):
        signature = self.signatures[self.keys.get(key, key)]
        feed = {tensor.name: fed[name] for name, tensor in signature.inputs.items()}
        return self.session.run({name: tensor.name for name, tensor in signature.outputs.items()}, feed)
