"""Batches that a script's own tf.data pipeline makes, inside each epoch.

A `Pipeline` is where examples come from, as those of `source` are, and what the SavedModel keeps of the pipeline.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pygen.examples.arrays import Writer
from pygen.examples.stamp import stamp

MOST_FILES = 1000  # that are listed; of more, so many at equal distances


@dataclass
class Pipeline:
    """A pipeline and the batches drawn of it.

    `specs` are the tf.TensorSpecs of a batch, by the name of the component. `content` builds it in a graph:
    `serialized.Serialized` or `kept.Kept`. `drawn` are its batches, as `drawn.Drawn`. `steps` is steps_per_epoch, None
    for a pass to its end. `fixed` reports whether each pass is the same. `length` is how many batches a pass has, None
    where TensorFlow does not know without drawing them, or they have no end.
    """

    specs: dict
    content: object
    drawn: object
    steps: int | None = None
    fixed: bool = False
    length: int | None = None

    def categories(self, column):
        """Return None: the values are not counted."""
        return None

    def lengths(self, column):
        """Return None: the batches are padded, or not, as the pipeline makes them."""
        return None

    def preprocess(self, entries):
        """Return no steps: the pipeline has done it all."""
        return []

    def defaults(self, settings):
        """Return (samples, batch) of a run."""
        return self.drawn.examples, self._rows()[0]

    def available(self):
        """Return the number of examples of the first batches, of one shape."""
        return sum(len(batch[self._name()]) for batch in self._alike())

    def draw(self, count, entries, vary):
        """Return {name: `count` examples} of the first batches of one shape; if there are fewer, they are repeated."""
        batches = self._alike()
        indices = [i % self.available() for i in range(count)]
        return {e["name"]: _plain(np.concatenate([b[e["name"]] for b in batches]))[indices] for e in entries}

    def save(self, folder, prefix):
        """Write its arrays to the folder of the graph; return the part of the manifest that says so. Raises OSError."""
        if not self.content.array_specs():
            return {}
        file = f"{prefix}.bin"
        writer = Writer(Path(folder) / file)
        self.content.write(writer)
        return {"file": file, "sha256": writer.close(), "arrays": writer.described}

    def to_json(self, folder, entries):
        """Return the "data" of the manifest."""
        return {"kind": "pipeline", "columns": {}}

    def describe(self):
        """Return what the manifest says of its batches and files."""
        steps = {"steps_per_epoch": self.steps} if self.steps else {}
        fixed = {"fixed": True} if self.fixed else {}
        files = [{"path": path} | stamp(path) for path in _some(self.content.files)]
        length = {"length": self.length} if self.length else {}
        return steps | length | {"batches": self.drawn.describe()} | fixed | ({"files": files} if files else {})

    def _name(self):
        return next(iter(self.specs))

    def _rows(self):
        return [len(batch[self._name()]) for batch in self.drawn.first]

    def _alike(self):
        """Return those of the first batches whose examples have the shapes of the first one."""
        shape = lambda batch: [array.shape[1:] for array in batch.values()]  # noqa: E731
        return [batch for batch in self.drawn.first if shape(batch) == shape(self.drawn.first[0])]


def _plain(array):
    """Return the array as a file of examples holds it: texts as bytes."""
    return np.array(array.tolist(), "S") if array.dtype == object else array


def _some(files):
    return files if len(files) <= MOST_FILES else [files[i * len(files) // MOST_FILES] for i in range(MOST_FILES)]
