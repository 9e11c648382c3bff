"""Write graph folders with tf.data pipelines and validation into a folder: pipelines.py FOLDER NAME…

Each is linear regression by gradient descent, w starting at 0. Elements are (x, y) of x = 0, 1, 2, …
and y = 3 x + 1, 4 a batch unless a pipeline says otherwise.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.core.framework import graph_pb2  # noqa: E402
from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402

from pygen.folder.manifest import identity  # noqa: E402
from pygen.training import totals  # noqa: E402

LARGE = 64  # bytes of a constant that becomes an array


def numbers(n):
    x = np.arange(n, dtype="float32") / n
    return x[:, None], (3 * x + 1)[:, None]


def plain(n=22):
    return tf.data.Dataset.from_tensor_slices(numbers(n)).batch(4)


def failing():
    check = tf.debugging.assert_less
    def fail(x, y):
        with tf.control_dependencies([check(x, 0.5, message="x is 0.5 or more")]):
            return tf.identity(x), y
    return plain().map(fail)


def sized(n, size):
    return tf.data.Dataset.from_tensor_slices(numbers(n)).batch(size)


def records(folder):
    path = str(folder / "examples.tfrecord")
    with tf.io.TFRecordWriter(path) as out:
        for x, y in zip(*numbers(8), strict=True):
            out.write(np.concatenate([x, y]).tobytes())
    return tf.data.TFRecordDataset(path).map(lambda r: tf.unstack(tf.reshape(tf.io.decode_raw(r, tf.float32), (2, 1)))).batch(4), [path]


# name: its pipeline, and what its manifest says of it.
PIPELINES = {
    "fixed": (plain, {"fixed": True}),
    "known": (plain, {"fixed": True, "length": 6}),
    "shuffled": (lambda: tf.data.Dataset.from_tensor_slices(numbers(1000)).shuffle(1000, seed=7).batch(4), {"fixed": False}),
    "steps": (lambda: plain().repeat(), {"fixed": True, "steps_per_epoch": 4}),
    "going-on": (plain, {"fixed": True, "steps_per_epoch": 4}),
    "going-on-known": (lambda: plain(32), {"fixed": True, "steps_per_epoch": 4, "length": 8}),
    "uneven": (lambda: plain().concatenate(sized(3, 3)).concatenate(sized(5, 5)), {"drawn": 1}),
    "failing": (failing, {}),
    "empty": (lambda: plain().take(0), {}),
    "misfit": (lambda: plain().map(lambda x, y: (tf.tile(x, (1, tf.cond(x[0, 0] > 0.3, lambda: 2, lambda: 1))), y)), {}),
    "records": (records, {}),
    "endless": (lambda: plain().repeat(), {"drawn": 3}),
    "arrays": (None, {}),
    "words": (lambda: tf.data.Dataset.from_tensor_slices((np.array(["a", "a long text beyond 24 bytes", "c"] * 4), numbers(12)[1])).batch(5), {"x": "string"}),
    "wrong-type": (lambda: plain().map(lambda x, y: (tf.cast(x, tf.float64), y)), {}),
}


class Regression(tf.Module):
    def __init__(self, kind):
        self.kind = kind
        self.w, self.b = tf.Variable(0.0), tf.Variable(0.0)
        self.total, self.count = tf.Variable(0.0), tf.Variable(0.0)

    def inputs(self):
        dtype = tf.string if self.kind == "string" else tf.float32
        shape = [None] if self.kind == "string" else [None, 1]
        return [tf.TensorSpec(shape, dtype, name="x"), tf.TensorSpec([None, 1], tf.float32, name="y")]

    def error(self, x, y):
        if self.kind == "string":
            x = tf.cast(tf.strings.length(x), tf.float32)[:, None] / 10
        difference = self.w * x + self.b - y
        self.total.assign_add(tf.reduce_sum(tf.abs(difference)))
        self.count.assign_add(tf.cast(tf.shape(y)[0], tf.float32))
        return x, difference

    def train(self, x, y):
        x, difference = self.error(x, y)
        loss = tf.reduce_mean(difference**2)
        self.w.assign_sub(0.1 * tf.reduce_mean(2 * difference * x))
        self.b.assign_sub(0.1 * tf.reduce_mean(2 * difference))
        return {"loss": loss}

    def validate(self, x, y):
        self.error(x, y)
        return {"examples": tf.shape(y)[0]}

    def metrics(self):
        mean = self.total / self.count
        return {"mae": tf.cast(mean, tf.float64), "nothing": tf.constant(np.nan, tf.float64), "loss": tf.constant(0.0, tf.float64)}

    def reset_metrics(self):
        self.total.assign(0.0)
        self.count.assign(0.0)
        return {"metrics": tf.constant(3)}


def trace(dataset, name):
    """Return the signatures of a pipeline and its arrays by name."""
    text = dataset._as_serialized_graph(external_state_policy=tf.data.experimental.ExternalStatePolicy.IGNORE).numpy()
    given = graph_pb2.GraphDef.FromString(text)
    arrays = {}
    for n in given.node:
        content = n.attr["value"].tensor if n.op == "Const" else None
        if content is not None and content.dtype != tf.string and len(content.tensor_content) >= LARGE:
            arrays[n.name] = tf.make_ndarray(content)
    out = next(n for n in given.node if n.op == "_Retval").input[0]
    kept = graph_pb2.GraphDef()
    kept.CopyFrom(given)
    del kept.node[:]
    kept.node.extend(n for n in given.node if n.op != "_Retval" and n.name not in arrays)
    specs = tf.nest.flatten(dataset.element_spec)
    types, shapes = [s.dtype for s in specs], [s.shape for s in specs]

    def variable():
        return tf.raw_ops.VarHandleOp(dtype=tf.variant, shape=[], shared_name=name + "/dataset", container="")

    def iterator():
        return tf.raw_ops.IteratorV2(shared_name=name + "/iterator", container="", output_types=types, output_shapes=shapes)

    def make(*given_arrays):
        with tf.device("CPU:0"):
            feeds = {n + ":0": a for n, a in zip(arrays, given_arrays, strict=True)}
            (v,) = tf.graph_util.import_graph_def(kept, input_map=feeds, return_elements=[out if ":" in out else out + ":0"], name="")
            tf.raw_ops.AssignVariableOp(resource=variable(), value=v)
            return {"ready": tf.constant(1)}

    def rewind():
        with tf.device("CPU:0"):
            tf.raw_ops.MakeIterator(dataset=tf.raw_ops.ReadVariableOp(resource=variable(), dtype=tf.variant), iterator=iterator())
            return {"ready": tf.constant(1)}

    def following():
        with tf.device("CPU:0"):
            element = tf.raw_ops.IteratorGetNext(iterator=iterator(), output_types=types, output_shapes=shapes)
            return dict(zip(["x", "y"], element, strict=True))

    names = [f"array_{i}" for i in range(len(arrays))]
    function = lambda f, given=(): tf.function(f, input_signature=list(given), autograph=False).get_concrete_function()  # noqa: E731
    return {
        name: function(make, [tf.TensorSpec(a.shape, a.dtype, name=n) for n, a in zip(names, arrays.values(), strict=True)]),
        name + "_rewind": function(rewind),
        name + "_next": function(following),
    }, dict(zip(names, arrays.values(), strict=True))


def entry(folder, dataset, name, said, arrays):
    """Return a pipeline's entry of the manifest, and write its arrays."""
    text, places = b"", []
    for n, a in arrays.items():
        text += b"\0" * (-len(text) % 64)
        places.append({"name": n, "dtype": a.dtype.name, "shape": a.shape, "offset": len(text), "bytes": a.nbytes})
        text += a.tobytes()
    out = {"make": name, "rewind": name + "_rewind", "next": name + "_next", "components": ["x", "y"]}
    if arrays:
        (folder / (name + ".bin")).write_bytes(text)
        out |= {"file": name + ".bin", "sha256": hashlib.sha256(text).hexdigest(), "arrays": places}
    shapes, drawn, examples = {}, 0, 0
    steps = said.get("steps_per_epoch", 0)
    most = said.get("drawn") or steps or 250
    try:
        for element in dataset.take(most):
            key = json.dumps({n: c.shape.as_list() for n, c in zip(["x", "y"], element, strict=True)})
            shapes[key] = shapes.get(key, 0) + 1
            drawn, examples = drawn + 1, examples + int(element[1].shape[0])
    except tf.errors.InvalidArgumentError:
        pass
    out["batches"] = {
        "steps": max(1, drawn), "examples": max(1, examples), "whole": "drawn" not in said,
        "shapes": [{"steps": n, "components": json.loads(k)} for k, n in shapes.items()] or [{"steps": 1, "components": {"x": [4, 1], "y": [4, 1]}}],
    }
    if "drawn" not in said and drawn == 0:
        out["batches"]["whole"] = False
    return out | {k: v for k, v in said.items() if k in {"fixed", "steps_per_epoch", "length"} and v}


def losses(dataset, n):
    """Return the losses of the first steps, computed with NumPy."""
    w, b, out = np.float32(0), np.float32(0), []
    for x, y in dataset.take(n):
        difference = w * x.numpy() + b - y.numpy()
        out.append(float(np.mean(difference**2)))
        w -= np.float32(0.1) * np.mean(2 * difference * x.numpy())
        b -= np.float32(0.1) * np.mean(2 * difference)
    return out


def main(root, names):
    for name in names:
        make, said = PIPELINES[name]
        folder = Path(root) / name
        folder.mkdir(parents=True)
        module, files = Regression(said.get("x", "number")), []
        dataset = make(folder) if make is records else make() if make else None
        if isinstance(dataset, tuple):
            dataset, files = dataset
        validation = sized(10, 4).map(lambda x, y: (tf.strings.as_string(x[:, 0]), y)) if module.kind == "string" else sized(10, 4)
        function = lambda f, given=(): tf.function(f, input_signature=list(given), autograph=False).get_concrete_function()  # noqa: E731
        signatures = {"train": function(module.train, module.inputs()), "validate": function(module.validate, module.inputs()),
                      "metrics": function(module.metrics), "reset_metrics": function(module.reset_metrics)}
        signatures |= totals.signatures(signatures["train"], module.inputs())
        traced, arrays = trace(dataset, "pipeline") if dataset else ({}, {})
        checked, held = trace(validation, "validation")
        tf.saved_model.save(module, str(folder), signatures=signatures | traced | checked)
        saver = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0].saver_def
        np.savez(folder / "parity.npz", x=np.array([[1], [2]] * 2, "float32"), y=np.array([[4], [7]] * 2, "float32"))
        string = module.kind == "string"
        manifest = {
            "format": 1, "name": name, "sha256": "",
            "model": {"architecture": "linear", "parameters": 2, "trainable_parameters": 2, "loss": "mse",
                      "optimizer": {"name": "sgd", "settings": {}}, "flops_per_example": 10},
            "variant": {"precision": "float32", "jit": False, "unroll": False, "batch": None, "device": "cpu"},
            "inputs": [{"name": "x", "dtype": "string" if string else "float32", "shape": [None] if string else [None, 1]}],
            "targets": [{"name": "y", "dtype": "float32", "shape": [None, 1]}],
            "signatures": {
                "train": {"key": "train", "loss": "loss"},
                "reset_metrics": {"key": "reset_metrics", "metrics": "metrics"},
                "metrics": {"key": "metrics", "values": [{"name": n, "output": n} for n in ["loss", "mae", "nothing"]]},
            } | totals.describe(),
            "reset": {"kind": "restore", "filename_tensor": saver.filename_tensor_name, "operation": saver.restore_op_name},
            "preprocess": [],
            "data": {"kind": "pipeline", "columns": {}},
            "settings": {"samples": 22, "batch": 4, "epochs": 2},
            "parity": {"file": "parity.npz", "batch": 2, "steps": 2, "losses": [32.5, 20.8], "tolerance": 1e-5},
            "script": {"file": "train.py", "call": "fit", "line": 9, "phase": 1, "phases": 1},
            "made_with": {},
        }
        if dataset:
            manifest["pipeline"] = entry(folder, dataset, "pipeline", said, arrays)
            if said.get("fixed"):
                manifest["pipeline"]["losses"] = losses(dataset, 3)
            manifest["pipeline"]["files"] = [
                {"path": p, "bytes": os.stat(p).st_size, "modified": stamp(os.stat(p).st_mtime_ns)} for p in files
            ]
        else:
            manifest["data"] = {"kind": "synthetic", "columns": {n: {"generator": "normal", "stddev": 1} for n in "xy"}}
        manifest["validation"] = entry(folder, validation, "validation", {"fixed": True}, held) | {
            "evaluate": "validate", "values": manifest["signatures"]["metrics"]["values"],
        }
        manifest["sha256"] = identity(folder, manifest)
        (folder / "graph.json").write_text(json.dumps(manifest, indent=1))


def stamp(ns):
    whole = np.datetime64(ns // 10**9, "s")
    return f"{whole}.{ns % 10**9:09d}Z"


main(sys.argv[1], sys.argv[2:] or PIPELINES)
