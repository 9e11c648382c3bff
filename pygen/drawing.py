"""From the batches that a script makes to the pipelines of its graph."""

from pygen.author.faults import located
from pygen.errors import ExportError
from pygen.examples import drawn
from pygen.examples.kept import Kept
from pygen.examples.pipeline import Pipeline
from pygen.examples.serialized import PythonError, serialize
from pygen.model import derive, elements

ENDLESS = 120  # seconds after which batches that Python makes, in a number that is not known, are without an end


class EmptyError(ExportError):
    """Data has no batch."""


def pipeline_of(batches, model, notices, folder):
    """Return (Layout, `Pipeline`) of `origin.Batches`, of which those of one epoch are drawn.

    Batches that Python makes are drawn to a file in `folder`, whole. Raises ExportError, and EmptyError for data
    without a batch.
    """
    with located(f"the data that {batches.of} is given cannot be read"):
        names = getattr(model, "output_names", None) or ()
        layout, specs = elements.read(batches.dataset.element_spec, derive.input_tensors(model), names)
        content, why = _serialized(batches, specs)
        if content is None:
            notices.say(
                "pipeline",
                f"{why} makes the batches of {batches.of} in Python: they were drawn once, at the export, "
                "and its work is not in the time",
            )
            content = Kept(specs, folder)
            steps = batches.steps or batches.whole
            found = drawn.draw(batches.dataset, specs, steps, None if steps else ENDLESS, content.add)
            if not found.whole:
                raise ExportError(
                    f"{batches.of} is given data that does not end within {ENDLESS} s: {batches.bounded_by()}"
                )
        else:
            found = drawn.draw(batches.dataset, specs, batches.steps)
    if not found.steps:
        raise EmptyError(f"{batches.of} is given data without a batch")
    if batches.steps and found.steps < batches.steps and found.whole:
        notices.say(
            batches.steps_named(), f"{batches.of} asks for {batches.steps} steps, and its data ends after {found.steps}"
        )
    specs = elements.known(specs, found.first[0])
    if isinstance(content, Kept):
        content.specs = specs
    length = found.steps if isinstance(content, Kept) else int(batches.dataset.cardinality())
    fixed = _fixed(batches, specs, found, content)
    return layout, Pipeline(specs, content, found, batches.steps, fixed, length if length > 0 else None)


def _serialized(batches, specs):
    """Return (`serialized.Serialized`, "") of batches, or (None, what makes them in Python)."""
    if batches.source:
        return None, batches.source
    try:
        content = serialize(batches.dataset)
        content.check(specs)
        return content, ""
    except PythonError as error:
        return None, str(error)


def _fixed(batches, specs, found, content):
    """Report whether each pass begins with the same batches, in each launch too.

    Python's own passes do not tell it of a pipeline with cache(), which keeps the order of the first.
    """
    if isinstance(content, Kept):
        return True
    if found.slow:
        return False
    again = drawn.draw(batches.dataset, specs, len(found.first), None)
    if not drawn.same(found.first, again.first):
        return False
    return not content.random or drawn.same(found.first, content.first(specs, len(found.first)))
