"""What the elements of a data set are: which component is which input, target or sample weight of a step."""

from pygen.errors import ExportError
from pygen.model.columns import Layout, name_leaves
from pygen.model.derive import own_names

_SINGLES = ("x", "y", "sample_weight")


def read(element_spec, inputs, output_names):
    """Return (Layout, {name: tf.TensorSpec of a batch}) of a data set with elements of this spec.

    `inputs` is the nest of the model's own inputs, None for a model that does not say; `output_names` are the names of
    its outputs. The names are in the order of tf.nest.flatten. Raises ExportError for elements that no step is fed.
    """
    import tensorflow as tf

    parts = element_spec if isinstance(element_spec, tuple) else (element_spec,)
    if not 1 <= len(parts) <= 3:
        raise ExportError(f"its batches have {len(parts)} parts, and not x, (x, y) or (x, y, sample_weight)")
    nests, specs = [], {}
    for number, (single, part) in enumerate(zip(_SINGLES, parts, strict=False)):
        names = ()
        if number == 0 and inputs is not None:
            names = own_names(inputs)
        elif number > 0 and len(output_names) > 1:
            names = output_names
        nest, leaves = name_leaves(part, single, names, taken=specs)
        nests.append(nest)
        for name, spec in leaves.items():
            _check(name, spec)
            specs[name] = tf.TensorSpec(spec.shape, spec.dtype, name=name)
    return Layout(*nests), specs


def known(specs, arrays):
    """Return the specs with the rank that a drawn batch, {name: array}, has where the pipeline does not tell it."""
    import tensorflow as tf

    return {
        name: spec if spec.shape.rank is not None else tf.TensorSpec([None] * arrays[name].ndim, spec.dtype, name=name)
        for name, spec in specs.items()
    }


def _check(name, spec):
    import tensorflow as tf

    if isinstance(spec, tf.RaggedTensorSpec):
        raise ExportError(
            f"its pipeline makes {name} a ragged tensor, which no step is fed: make it dense there, by .to_tensor()"
        )
    if isinstance(spec, tf.SparseTensorSpec):
        raise ExportError(
            f"its pipeline makes {name} a sparse tensor, which no step is fed: make it dense there, by "
            "tf.sparse.to_dense()"
        )
    if not isinstance(spec, tf.TensorSpec):
        raise ExportError(f"its pipeline makes {name} a {type(spec).__name__.removesuffix('Spec')}, and no tensor")
    if spec.shape.rank == 0:
        raise ExportError(f"its pipeline makes {name} of single examples: give it .batch(...)")
