"""A tf.data pipeline as a graph that any session can build again, without Python."""

import os
from dataclasses import dataclass, field

from pygen.errors import ExportError
from pygen.examples import drawn
from pygen.examples.types import NUMBERS

# Operations that call back into the Python that made the pipeline.
_PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
_LARGE = 4096  # bytes from which on a constant lies beside the graph


class PythonError(Exception):
    """The pipeline calls Python while it runs; the message says by what."""


@dataclass
class Serialized:
    """A pipeline's GraphDef, without its large constants.

    `arrays` are those, {name: (name of the node, array)}; `output` is the tensor of the data set, a variant; `files`
    are those that its constants name. `random` reports whether an operation in it draws lots.
    """

    graph: object
    output: str
    arrays: dict = field(default_factory=dict)
    files: list = field(default_factory=list)
    random: bool = False

    def array_specs(self):
        """Return {name: tf.TensorSpec} of the arrays that `build` takes."""
        import tensorflow as tf

        return {name: tf.TensorSpec(array.shape, array.dtype) for name, (_, array) in self.arrays.items()}

    def write(self, writer):
        """Write the arrays to an `arrays.Writer`. Raises OSError."""
        for name, (_, array) in self.arrays.items():
            writer.add(name, array)

    def build(self, tensors):
        """Return the data set as a variant tensor of the graph under construction; `tensors` are by name of array."""
        import tensorflow as tf

        fed = {f"{self.arrays[name][0]}:0": tensor for name, tensor in tensors.items()}
        (dataset,) = tf.graph_util.import_graph_def(
            self.graph, input_map=fed, return_elements=[self.output], name="dataset"
        )
        return dataset

    def check(self, specs):
        """Take one batch in a session of its own. Raises PythonError if the pipeline does not work there.

        Raises ExportError where its data cannot be read. `specs` are the tf.TensorSpecs of a batch, by name.
        """
        self.first(specs, 1)

    def first(self, specs, count):
        """Return the first batches, {name: array}, `count` or as many as there are, of a session of their own.

        Raises PythonError if the pipeline does not work there, and ExportError where its data cannot be read.
        """
        import tensorflow as tf

        types, shapes = [s.dtype for s in specs.values()], [s.shape for s in specs.values()]
        found = []
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            fed = {name: tf.compat.v1.placeholder(a.dtype, a.shape) for name, (_, a) in self.arrays.items()}
            iterator = tf.raw_ops.IteratorV2(shared_name="", container="", output_types=types, output_shapes=shapes)
            begin = tf.raw_ops.MakeIterator(dataset=self.build(fed), iterator=iterator)
            batch = tf.raw_ops.IteratorGetNext(iterator=iterator, output_types=types, output_shapes=shapes)
            try:
                session.run(begin, {fed[name]: array for name, (_, array) in self.arrays.items()})
                while len(found) < count:
                    found.append(dict(zip(specs, session.run(batch), strict=True)))
            except (tf.errors.NotFoundError, tf.errors.FailedPreconditionError) as error:
                raise PythonError(f"a resource outside the pipeline ({error.message.splitlines()[0]})") from error
            except tf.errors.OutOfRangeError:
                pass
            except tf.errors.OpError as error:
                raise drawn.failure(len(found), error) from error
        return found


def serialize(dataset):
    """Return the `Serialized` form of a tf.data.Dataset.

    Raises PythonError for one that needs Python while it runs, and ExportError for one whose constants are more than a
    graph can hold.
    """
    graph = _graph(dataset)
    functions = [node for function in graph.library.function for node in function.node_def]
    for node in [*graph.node, *functions]:
        if node.op in _PYTHON:
            raise PythonError(_caller(node.op))
        if not _is_tensorflows(node.op, graph.library):
            raise PythonError(f"{node.op}, an operation of a library beside TensorFlow,")
    (sink,) = [node for node in graph.node if node.op == "_Retval"]
    large = {node.name: array for node in graph.node if (array := _large(node)) is not None}
    kept = [node for node in graph.node if node.op != "_Retval" and node.name not in large]
    files = _files([node for node in [*kept, *functions] if node.op == "Const"])
    del graph.node[:]
    graph.node.extend(kept)
    output = sink.input[0] if ":" in sink.input[0] else f"{sink.input[0]}:0"
    arrays = {f"array{number}": (node, array) for number, (node, array) in enumerate(large.items())}
    random = any("Shuffle" in node.op or "Random" in node.op for node in [*kept, *functions])
    return Serialized(graph, output, arrays, files, random)


def _graph(dataset):
    import tensorflow as tf
    from tensorflow.core.framework.graph_pb2 import GraphDef

    policy = tf.data.experimental.ExternalStatePolicy.IGNORE  # what is random stays random
    too_large = ExportError(
        "its pipeline holds more than 2 GB of constants: give the arrays to fit(...) themselves, or read them from "
        "files in the pipeline, such as TFRecord"
    )
    try:
        serialized = dataset._as_serialized_graph(external_state_policy=policy).numpy()
        graph = GraphDef.FromString(serialized)
    except Exception as error:
        text = str(error)
        if "py_func" in text or "PyFunc" in text or "GeneratorDataset" in text:
            raise PythonError("a Python function") from error
        if "2GB" in text or "maximum protobuf size" in text or "2147483647" in text or "parsing" in text.lower():
            raise too_large from error
        raise
    if not serialized:  # TensorFlow only logs that it is too large
        raise too_large
    return graph


def _is_tensorflows(operation, library):
    """Report whether TensorFlow itself has an operation, which is all that a worker has."""
    import tensorflow as tf

    hidden = operation.startswith("_")
    return hidden or hasattr(tf.raw_ops, operation) or any(f.signature.name == operation for f in library.function)


def _caller(operation):
    return "tf.py_function" if operation == "EagerPyFunc" else "tf.numpy_function or from_generator"


def _large(node):
    """Return the array of a large constant of numbers, or None."""
    import tensorflow as tf

    if node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    if tf.as_dtype(tensor.dtype).name not in NUMBERS or tensor.ByteSize() < _LARGE:
        return None
    return tf.make_ndarray(tensor)


def _files(constants):
    """Return the files that constant texts name, and make their paths absolute: a launch may begin elsewhere."""
    import tensorflow as tf

    found = {}
    for node in constants:
        tensor = node.attr["value"].tensor
        if tensor.dtype != tf.string.as_datatype_enum:
            continue
        for number, text in enumerate(tensor.string_val):
            if b"\n" not in text and 0 < len(text) < 4096 and os.path.isfile(text):
                path = os.path.abspath(text)
                tensor.string_val[number] = path
                found[os.fsdecode(path)] = None
    return list(found)
