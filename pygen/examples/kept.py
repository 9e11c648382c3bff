"""Batches that Python makes, drawn once to a file, and a tf.data pipeline that reads them from it."""

import tempfile
from dataclasses import dataclass, field

import numpy as np

from pygen.errors import ExportError

MOST_TEXT = 1 << 30  # bytes of text, which is inside the graph


@dataclass
class _Column:
    """All batches of one component, end to end: numbers in a file, texts in memory."""

    dtype: str
    file: object = None
    texts: list = field(default_factory=list)
    offsets: list = field(default_factory=lambda: [0])
    shapes: list = field(default_factory=list)

    def add(self, array):
        if array.dtype == object:
            self.texts += array.ravel().tolist()
        else:
            self.file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        self.offsets.append(self.offsets[-1] + array.size)
        self.shapes.append(array.shape)


class Kept:
    """Batches in a file, of any shapes. It has the methods of `serialized.Serialized` that a pipeline needs."""

    def __init__(self, specs, folder):
        """Take {name: tf.TensorSpec of a batch} and a folder for what is drawn."""
        self.specs, self.files, self._text = specs, [], 0
        self._columns = {
            name: _Column(spec.dtype.name, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115, closed with the column
            for name, spec in specs.items()
        }

    def add(self, arrays):
        """Take the next batch, a list of arrays in the order of the specs. Raises ExportError."""
        for column, array in zip(self._columns.values(), arrays, strict=True):
            column.add(array)
            if array.dtype == object:
                self._text += sum(map(len, array.ravel()))
        if self._text > MOST_TEXT:
            raise ExportError("the texts of its batches are more than 1 GiB, which no graph can hold")

    def array_specs(self):
        """Return {name: tf.TensorSpec} of the arrays that `build` takes."""
        import tensorflow as tf

        found = {}
        for name, column in self._columns.items():
            if not column.texts:
                found[name] = tf.TensorSpec([column.offsets[-1]], column.dtype)
            found[f"{name}_offsets"] = tf.TensorSpec([len(column.offsets)], tf.int64)
            found[f"{name}_shapes"] = tf.TensorSpec([len(column.shapes), len(column.shapes[0])], tf.int64)
        return found

    def write(self, writer):
        """Write the arrays to an `arrays.Writer`. Raises OSError."""
        for name, column in self._columns.items():
            if not column.texts:
                writer.begin(name, column.dtype)
                column.file.seek(0)
                while part := column.file.read(1 << 22):
                    writer.more(np.frombuffer(part, np.uint8))
                writer.end([column.offsets[-1]])
            writer.add(f"{name}_offsets", np.array(column.offsets, np.int64))
            writer.add(f"{name}_shapes", np.array(column.shapes, np.int64).reshape(len(column.shapes), -1))

    def build(self, tensors):
        """Return the data set, as a variant tensor of the graph under construction, of the arrays by name."""
        import tensorflow as tf

        texts = {name: tf.constant(column.texts) for name, column in self._columns.items() if column.texts}
        flat = tensors | texts

        def batch(number):
            parts = []
            for name, spec in self.specs.items():
                begin, end = tensors[f"{name}_offsets"][number], tensors[f"{name}_offsets"][number + 1]
                part = tf.reshape(flat[name][begin:end], tensors[f"{name}_shapes"][number])
                part.set_shape(spec.shape)
                parts.append(part)
            return tuple(parts)

        count = len(next(iter(self._columns.values())).shapes)
        dataset = tf.data.Dataset.range(count).map(batch).prefetch(tf.data.AUTOTUNE)
        return dataset._variant_tensor
