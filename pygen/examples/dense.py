"""Examples that no step is fed: sparse and ragged ones are refused by name."""

from pygen.errors import ExportError

_PARTS = ("x", "y", "sample_weight")


def check(parts, giver, ragged):
    """Raise ExportError if x, y or sample_weight, the `parts`, hold a sparse tensor or matrix.

    A RaggedTensor is refused too, unless `ragged` ones are taken: as lists of sequences, which are padded. `giver` is
    what gives the parts, as "fit(...) is given".
    """
    import keras

    for part, nest in zip(_PARTS, parts, strict=False):
        for leaf in keras.tree.flatten(nest):
            kind = type(leaf)
            if kind.__name__ == "SparseTensor":
                raise ExportError(
                    f"{giver} {part} as a SparseTensor, which no step is fed: make it dense, by tf.sparse.to_dense()"
                )
            if kind.__module__.startswith("scipy.sparse"):
                raise ExportError(
                    f"{giver} {part} as a sparse matrix of SciPy ({kind.__name__}), which no step is fed: make it "
                    "dense, by toarray()"
                )
            if kind.__name__ == "RaggedTensor" and not ragged:
                raise ExportError(
                    f"{giver} {part} as a RaggedTensor, which no step is fed: pad its rows, by to_tensor()"
                )


def check_inputs(tensors):
    """Raise ExportError if an input of a model, one of these KerasTensors, is declared sparse or ragged."""
    for tensor in tensors:
        for kind in ("sparse", "ragged"):
            if getattr(tensor, kind, False):
                raise ExportError(
                    f"its input {tensor.name} is declared {kind}=True, and a step is fed dense arrays: leave that "
                    "out, and give dense ones"
                )
