"""A graph that no script trains: its model is built again, and takes the examples that come with the job."""

import time

from pygen.author import build
from pygen.author.notices import Notices
from pygen.examples import archive
from pygen.model import compiling, derive, matching
from pygen.worker.columns import Columns
from pygen.worker.protocol import Failure
from pygen.worker.work import call_of


def refuse(described):
    """Raise Failure for a graph whose step only the exporter makes, by its manifest."""
    variant = described["variant"]
    made = [name for name in ("fused", "unroll") if variant.get(name)] + [
        name for name in ("parts", "replicas") if variant.get(name, 1) > 1
    ]
    if made:
        raise Failure(
            "job",
            f"the step of {described['name']} is made by the exporter ({', '.join(made)})",
            "name the plain graph",
        )
    if "preprocess" in described["signatures"]:
        raise Failure("job", f"{described['name']} runs a preprocess() of its file, which fit does not take")


def run(request, described, job, train, teller):
    """Build the model of an `options.Request` and `train` it: a function of its Call and its Columns.

    Raises Failure, ExportError.
    """
    refuse(described)
    author = build.author(request)
    layout = _layout(author, request)
    began = time.perf_counter()
    columns = _columns(described, job, layout)
    x, y, sample_weight = columns.pack(slice(None))
    teller.took(time.perf_counter() - began)
    weights = request.class_weight or author.class_weight or None
    train(call_of(author.model, x=x, y=y, sample_weight=sample_weight, class_weight=weights, verbose=0), columns)


def _layout(author, request):
    """Return the Layout of the columns, of a model that is compiled and built after it."""
    model = author.model
    inputs = derive.input_tensors(model)
    if inputs is None:
        from pygen import prepare  # which needs TensorFlow

        inputs = prepare.inputs(model, request, author, None)
    if not all(layer.built for layer in model._flatten_layers()):
        model(inputs)
    rank = matching.target_rank(author.returned)
    compiling.settle(model, request, lambda: derive.output_tensors(model, inputs), rank, Notices())
    if author.returned is not None:
        own = derive.input_tensors(model)
        return matching.read(author.returned, own, getattr(model, "output_names", None) or (), author.giver)[0]
    return derive.layout(model, inputs)[0]


def _columns(described, job, layout):
    """Return the Columns of the job's file. Raises Failure."""
    if not job.examples:
        raise Failure("job", f"no examples come with the job, and no script makes those of {described['name']}")
    try:
        read = archive.read(job.examples)
        columns = Columns(read, described["inputs"] + described["targets"], described["preprocess"], layout)
    except (OSError, ValueError, KeyError) as error:
        raise Failure("data", f"the examples in {job.examples} cannot be read: {error}") from error
    return columns
