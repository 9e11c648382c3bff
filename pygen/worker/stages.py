"""How long each transformation of a script's input pipeline takes, and where the author's code makes it."""

import contextlib
import itertools
import re
import time
from unittest import mock

from pygen.author import faults

LONGEST = 10.0  # seconds of drawing, after which what was drawn stands for the epoch
BETWEEN = 0.1  # seconds, at least, between looks at what was drawn

_PLACE = "_epochtime_place"
_NOWHERE = ("", 0)
_NODE = re.compile(r"V\d+$")


@contextlib.contextmanager
def noting_places():
    """Within it, each tf.data.Dataset is given the file and line of the author's code that made it."""
    from tensorflow.python.data.ops import dataset_ops

    original = dataset_ops.DatasetV2.__init__

    def init(self, *arguments, **named):
        original(self, *arguments, **named)
        setattr(self, _PLACE, faults.calling_place())

    with mock.patch.object(dataset_ops.DatasetV2, "__init__", init):
        yield


def find(work):
    """Return [{"name", "file", "line", "seconds_per_epoch"}] of the pipeline of a `work.Work`, from its source on.

    The pipeline is drawn alone, for one epoch or `LONGEST` seconds, without the rewriting by which TensorFlow joins
    transformations. The times are those that tf.data's own model keeps of them: work, on whatever thread.
    """
    import tensorflow as tf

    from pygen.worker.work import dataset_of

    dataset = dataset_of(work.given)
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    steps = dataset.steps if dataset.steps and dataset.steps > 0 else None
    drawn, ran = draw(iter(dataset.batches.with_options(options)), steps)
    whole = steps or work.steps or work.usual // work.batch or drawn
    return matched(chain(dataset.batches), ran, whole / drawn) if drawn else []


def draw(iterator, steps):
    """Return (batches, `nodes`) of so many steps of an iterator, None for all, or of `LONGEST` seconds.

    It is the last look at the iterator with all of its transformations: tf.data forgets those whose data has ended,
    which may be before the last batch.
    """
    import tensorflow as tf

    seen, began = (0, []), time.perf_counter()
    looked = began
    for drawn, _ in enumerate(itertools.islice(iterator, steps), 1):
        now = time.perf_counter()
        if drawn & (drawn - 1) == 0 or now - looked > BETWEEN:
            ran, looked = nodes(tf.data.experimental.get_model_proto(iterator)), now
            if len(ran) >= len(seen[1]):
                seen = drawn, ran
        if now - began > LONGEST:
            break
    return seen


def chain(dataset):
    """Return [(name, (file, line))] of a dataset and what it is made of, from the source on, while each has but one."""
    found = []
    while True:
        name = type(dataset).__name__.strip("_").removesuffix("Dataset").removesuffix("V1Adapter")
        found.append((name, getattr(dataset, _PLACE, _NOWHERE)))
        made_of = dataset._inputs()
        if len(made_of) != 1:
            return found[::-1]
        dataset = made_of[0]


def nodes(model):
    """Return [(name, seconds)] of a tf.data ModelProto, from the source on; of several sources, their common end."""
    found, number = [], model.output
    while number in model.nodes:
        node = model.nodes[number]
        found.append((_NODE.sub("", node.name), node.processing_time / 1e9))
        if len(node.inputs) != 1:
            break
        number = node.inputs[0]
    return found[::-1]


def matched(made, ran, share):
    """Return the stages: of the transformations that were `made`, in order, those that `ran` under the same name.

    `share` is how many epochs' worth of batches were drawn, by which times are multiplied. What ran and was not made by
    the author, such as what Keras adds, has no file and the line 0.
    """
    found, rest = [], list(made)
    for name, seconds in ran:
        file, line = _NOWHERE
        place = next((i for i, (other, _) in enumerate(rest) if other.lower() == name.lower()), None)
        if place is not None:
            file, line = rest[place][1]
            del rest[: place + 1]
        if name != "Root":
            found.append({"name": _told(name), "file": file, "line": line, "seconds_per_epoch": seconds * share})
    return found


def _told(name):
    """Return the name of a transformation as tf.data's methods have it: map for ParallelMap."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removeprefix("Parallel")).lower()
