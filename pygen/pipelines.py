"""The pipelines of a graph: their signatures, files and part of the manifest, and whether they do what Python does."""

from pathlib import Path

import numpy as np

from pygen.errors import ExportError
from pygen.examples import arrays, drawn
from pygen.training import evaluation, parity, pipeline

COMPARED = 2  # batches of validation


class Pipelines:
    """The training pipeline of a graph and that of its validation, each of which may be missing."""

    def __init__(self, prepared):
        """Trace the signatures for a `prepare.Prepared`."""
        self.prepared = prepared
        self.folder, self.losses, self.saved = None, [], {}
        self.parts = {}
        if prepared.author.batches:
            self.parts[pipeline.TRAINING] = prepared.layout, prepared.source
        if prepared.validation:
            self.parts[pipeline.VALIDATION] = prepared.validation
        self.functions = {}
        for prefix, (_, made) in self.parts.items():
            self.functions |= pipeline.signatures(prefix, made)
        self.trace_validation()

    def trace_validation(self):
        """Trace the signature of validation, if there is one, anew."""
        if not self.prepared.validation:
            return
        layout, made = self.prepared.validation
        validate, self.values = evaluation.validate(self.prepared.model, layout, list(made.specs.values()))
        self.functions[evaluation.VALIDATE] = validate

    def save(self, folder):
        """Write the arrays of each pipeline to the folder of the graph. Raises OSError."""
        self.folder = Path(folder)
        self.saved = {prefix: made.save(folder, prefix) for prefix, (_, made) in self.parts.items()}

    def check(self, sessions, tolerance, reset, operations, jit):
        """Compare the batches of each pipeline, and what is made of them, with Python's and Keras's.

        `reset` puts Keras's variables back to the start, where they are left. `operations` are those of an example,
        None where they are not counted. `jit` is as for `parity.keras_losses`. Raises ExportError where they differ.
        """
        for prefix, (layout, made) in self.parts.items():
            passes, restore = self._passes(sessions, prefix)
            count = COMPARED if prefix == pipeline.VALIDATION else len(made.drawn.first)
            batches = passes.take(count)
            if made.fixed and not drawn.same(batches, made.drawn.first[:count]):
                raise ExportError(f"its {prefix} makes other batches in a session than in Python")
            batches = batches[: parity.affordable([_rows(batch) for batch in batches], operations)]
            if prefix == pipeline.VALIDATION:
                self._validate(passes, restore, layout, batches, tolerance)
            elif made.fixed:
                self.losses = self._train(passes, restore, layout, batches, tolerance, jit)
                reset()

    def _passes(self, sessions, prefix):
        session, signatures, restore = sessions.get(rewritten=True)
        fed = arrays.read(self.folder, self.saved[prefix])
        return pipeline.Passes(session, signatures, prefix, fed), restore

    def _train(self, passes, restore, layout, batches, tolerance, jit):
        """Return Keras's losses on the batches, as many as agree with the graph's."""
        expected = parity.keras_losses(self.prepared.model, batches, layout, jit)
        restore()
        got = passes.losses(batches)
        off = [parity.deviation([a], [b]) for a, b in zip(got, expected, strict=True)]
        if off[0] > tolerance:
            raise ExportError(f"its pipeline does not train as Keras does: losses {got}, Keras {expected}")
        good = next((number for number, worst in enumerate(off) if worst > tolerance / 10), len(off))
        return expected[: max(1, good)]

    def _validate(self, passes, restore, layout, batches, tolerance):
        """Compare the metrics of the first batches of validation with Keras's."""
        if not self.values:
            return
        model = self.prepared.model
        expected = evaluation.keras_metrics(model, layout, batches)
        restore()
        got = passes.metrics(batches)
        worst = evaluation.difference([np.asarray(got[v["output"]], np.float64) for v in self.values], expected)
        if worst > tolerance:
            raise ExportError(f"its validation gives other metrics than Keras: {got}, Keras {expected}")

    def described(self):
        """Return the "pipeline" and "validation" of the manifest."""
        found = {}
        for prefix, (_, made) in self.parts.items():
            found[prefix] = self.saved[prefix] | pipeline.keys_of(prefix) | {"components": list(made.specs)}
            found[prefix] |= made.describe()
        if self.losses:
            found[pipeline.TRAINING]["losses"] = self.losses
        if self.prepared.validation:
            every = self.prepared.author.validation.every
            validated = {"evaluate": evaluation.VALIDATE, "values": self.values}
            found[pipeline.VALIDATION] |= validated | ({"every": every} if every else {})
        return found


def _rows(batch):
    return len(next(iter(batch.values())))
