"""What a Keras model takes, derived from the model: names, shapes, types, and how to draw examples."""

import math
from dataclasses import dataclass, replace

from pygen.errors import ExportError
from pygen.examples import data
from pygen.model.columns import Layout, name_leaves
from pygen.model.forward import has_own_step


@dataclass(frozen=True)
class Need:
    """What a model takes as one input or target.

    `shape` is that of one example, with None for a free dimension. `column` draws examples, and may be a guess; it is
    None if the model does not tell how, and `missing` then says what to do. `limit` is n where the values provably
    index n rows or classes, so that any other than 0 to n−1 is wrong. `same_length` names an input before it whose
    sequences are as long. `nan` says that values of a target are missing, which are NaN.
    """

    name: str
    dtype: str
    shape: tuple
    column: data.Column | None = None
    missing: str = ""
    limit: int | None = None
    same_length: str = ""
    nan: bool = False


def needs(model, inputs, known=()):
    """Return (Layout, [Need of each input and target]) of a compiled model.

    `inputs` is the nest of its inputs as KerasTensors. `known` are the names of those whose examples are known.
    """
    made, tensors, outputs = layout(model, inputs)
    found = _inputs(model, inputs, tensors, known)
    names = getattr(model, "output_names", None) or ()
    for number, (name, tensor) in enumerate(outputs.items()):
        found.append(_target(name, tensor, _loss_of(_losses(model), number, names, name)))
    return made, found


def layout(model, inputs):
    """Return (Layout, {name: tensor} of the inputs, likewise of the outputs that have a target) of a compiled model.

    `inputs` is as for `needs`.
    """
    x, tensors = name_leaves(inputs, "x", own_names(inputs))
    if not _losses(model) or (has_own_step(model) and model.loss is None):
        return Layout(x), tensors, {}
    outputs = output_tensors(model, inputs)
    names = getattr(model, "output_names", None) or ()
    y, outputs = name_leaves(outputs, "y", names if len(outputs_of(outputs)) > 1 else ("y",), taken=tensors)
    return Layout(x, y), tensors, outputs


def input_tensors(model):
    """Return the nest of a model's inputs as KerasTensors, or None for a subclassed model, which does not tell."""
    functional = getattr(model, "_functional", None) or model
    return getattr(functional, "_inputs_struct", None)


def output_tensors(model, inputs):
    """Return the nest of a model's outputs as KerasTensors, for the nest of its inputs."""
    functional = getattr(model, "_functional", None) or model
    outputs = getattr(functional, "_outputs_struct", None)
    return model(inputs) if outputs is None else outputs


def outputs_of(nest):
    """Return the leaves of a nest."""
    import keras

    return keras.tree.flatten(nest)


def own_names(inputs):
    """Return the names that the author gave the inputs; none if Keras numbered one of them."""
    names = [tensor.name or "" for tensor in outputs_of(inputs)]
    if any(name.startswith(("keras_tensor", "input_layer")) or not name for name in names):
        return ["x"] if len(names) == 1 else []
    return names


def _indexing(need, rows):
    """Return the need of an input that indexes a table of so many rows."""
    dtype = "int32" if need.dtype == "float32" else need.dtype
    return replace(need, dtype=dtype, column=data.integers(0, rows), limit=rows, missing="")


def _inputs(model, inputs, tensors, known):
    """Return the Need of each input. What indexes a table is found out where no layer in plain sight tells it."""
    plain = [Need(name, str(tensor.dtype), tuple(tensor.shape[1:])) for name, tensor in tensors.items()]
    found = [_input(model, need, tensor) for need, tensor in zip(plain, tensors.values(), strict=True)]
    unsure = {need.name for need in found if need.name not in known and need.limit is None}
    embeds = bool(_embeddings(model))
    if not any(need.dtype.startswith("int") or embeds for need in found if need.name in unsure):
        return found
    from pygen.model import tables  # here, since TensorFlow is imported late and quietly

    rows = tables.sizes(model, inputs)
    return [_indexing(need, n) if n and need.name in unsure else need for need, n in zip(found, rows, strict=True)]


def _input(model, need, tensor):
    dtype, shape = need.dtype, need.shape
    layers = list(_consumers(model, tensor))
    if sizes := _embedded(layers):
        return _indexing(need, min(sizes))
    for layer in layers:
        if column := _drawn_for(layer):
            return replace(need, dtype="int32" if column.categories and dtype == "float32" else dtype, column=column)
    if dtype == "string":
        return replace(need, missing="its texts cannot be made up: give the file a function data(n, seed)")
    if dtype.startswith(("int", "uint")):
        if sizes := _embeddings(model):
            return replace(need, column=data.integers(0, min(sizes)))
        return replace(
            need,
            missing=f"the range of its integers ({dtype}) cannot be told from the model: "
            "give the file a function data(n, seed)",
        )
    if dtype == "bool":
        return replace(need, column=data.integers(0, 2))
    if (sizes := _embeddings(model)) and not hasattr(model, "_inputs_struct") and len(shape) == 1:
        return replace(need, dtype="int32", column=data.integers(0, min(sizes)))
    image = len(shape) == 3 and shape[-1] in (1, 3, 4)
    return replace(need, column=data.uniform(0, 1) if image else data.normal(0, 1))


def _drawn_for(layer):
    """Return the Column that draws what this layer takes, or None if it takes any floats."""
    from keras import layers

    if isinstance(layer, layers.CategoryEncoding) and layer.num_tokens:
        return data.integers(0, layer.num_tokens)
    if isinstance(layer, layers.Rescaling) and abs(float(layer.scale)) < 0.02:
        return data.uniform(0, 255)
    if isinstance(layer, layers.Hashing | layers.Discretization):
        return data.integers(0, 1000)
    return None


def _embeddings(model):
    return _embedded(model._flatten_layers())


def _embedded(layers):
    """Return how many rows the table of each Embedding among the layers has."""
    import keras

    return [layer.input_dim for layer in layers if isinstance(layer, keras.layers.Embedding)]


def takes_tokens(model, shapes):
    """Report whether a subclassed model of these input shapes takes tokens: vectors, for an embedding."""
    return bool(_embeddings(model)) and all(len(shape) == 1 for shape in shapes.values())


def before(layer, need):
    """Return the Need of what a preprocessing layer takes, given the Need of what it makes."""
    tensors = input_tensors(layer) if hasattr(layer, "_flatten_layers") else None
    first = next(iter(layer._flatten_layers(include_self=False)), layer) if hasattr(layer, "layers") else layer
    if tensors is not None:
        tensor = outputs_of(tensors)[0]
        need = Need(need.name, str(tensor.dtype), tuple(tensor.shape[1:]), need.column)
    if words(layer):
        vectorizes = type(first).__name__ == "TextVectorization"
        return Need(
            need.name, "string", () if tensors is None else need.shape, data.normal(0, 1) if vectorizes else None
        )
    if sizes := _embedded([first]):
        return _indexing(need, sizes[0])
    return replace(need, column=_drawn_for(first) or need.column or data.normal(0, 1), missing="", limit=None)


def words(layer):
    """Return the vocabulary of a text or string lookup layer, or None for any other layer."""
    from keras import layers

    for inner in layer._flatten_layers() if hasattr(layer, "_flatten_layers") else [layer]:
        if isinstance(inner, layers.StringLookup | layers.TextVectorization):
            return [word for word in inner.get_vocabulary() if word not in ("", "[UNK]")] or ["word"]
    return None


def _consumers(model, tensor):
    """Yield the layers that an input feeds, those in nested models too."""
    functional = getattr(model, "_functional", None) or model
    for operation in getattr(functional, "operations", ()):
        for node in operation._inbound_nodes:
            arguments = node.input_tensors
            at = [number for number, argument in enumerate(arguments) if argument is tensor]
            if not at or node not in functional._nodes:
                continue
            inner = input_tensors(operation) if hasattr(operation, "_flatten_layers") else None
            if inner is None:
                yield operation
            else:
                yield from _consumers(operation, outputs_of(inner)[at[0]])


def _losses(model):
    return model.loss if model.loss not in (None, {}, []) else None


def _loss_of(losses, number, names, name):
    if isinstance(losses, dict):
        output = names[number] if number < len(names) else name
        return losses.get(output, losses.get(name))
    return losses[number] if isinstance(losses, list | tuple) else losses


def _target(name, tensor, loss):
    """Return the Need of the target of one output with this loss."""
    shape, kind = tuple(tensor.shape[1:]), loss_name(loss)
    if "ctc" in kind:
        return Need(name, "int32", (None,), missing="the labels of CTC cannot be made up: give data(n, seed)")
    if "sparse" in kind:
        limit = shape[-1] if _indexes_classes(loss) else None
        return Need(name, "int32", shape[:-1], data.integers(0, shape[-1]), limit=limit)
    if any(word in kind for word in ("binary", "hinge", "dice", "tversky")) and "categorical" not in kind:
        return Need(name, "float32", shape, data.integers(0, 2))
    if any(word in kind for word in ("categorical", "kl_divergence", "kullback", "circle")):
        return Need(name, "float32", shape, data.one_hot())
    if "poisson" in kind:
        return Need(name, "float32", shape, data.integers(0, 10))
    if "logarithmic" in kind or "percentage" in kind:
        return Need(name, "float32", shape, data.uniform(0.5, 1.5))
    return Need(name, "float32", shape, data.normal(0, 1))


def _indexes_classes(loss):
    """Report whether a loss is Keras's own for labels, without a label that it leaves out."""
    import keras

    loss = keras.losses.get(loss)
    if isinstance(loss, keras.losses.SparseCategoricalCrossentropy):
        return loss.get_config().get("ignore_class") is None
    return loss is keras.losses.sparse_categorical_crossentropy


def loss_name(loss):
    """Return the name of a loss in lower case; `loss` is anything that compile(...) takes."""
    import keras

    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:
            return loss.lower()
    name = getattr(loss, "name", None) or getattr(loss, "__name__", None) or type(loss).__name__
    kind = type(loss).__name__ if isinstance(loss, keras.losses.Loss) else ""
    return f"{name} {kind}".lower()


LENGTH = 50


def settle(needs, shapes, lengths, notices):
    """Return the needs with the shapes and lengths that were given: dicts by name, "" for all.

    Sequences of free length have 50 steps if no length is given, and a notice is added. Raises ExportError for what is
    still free or unknown, with the option that gives it.
    """
    given, settled = {*lengths, *shapes}, {}
    free = [need.name for need in needs if need.shape[:1] == (None,) and not need.same_length and not need.missing]
    assumed = [name for name in free if not {name, ""} & given]
    if assumed:
        notices.say("length", f"sequences of {LENGTH} are assumed for {', '.join(assumed)}; --length gives others")
    lengths = {"": None} | lengths | dict.fromkeys(assumed, (LENGTH, LENGTH))
    for need in needs:
        if need.same_length and need.name not in given:
            settled[need.name] = _as_long(need, settled[need.same_length])
        else:
            settled[need.name] = _settle(need, shapes.get(need.name), lengths.get(need.name, lengths[""]))
    return list(settled.values())


def _as_long(need, leader):
    """Return a need that is settled, with sequences as long as those of `leader`, example by example."""
    if leader.shape[0] is not None:
        return _settle(replace(need, shape=(leader.shape[0], *need.shape[1:])), None, None)
    need = _settle(need, None, leader.column.lengths)
    return replace(need, column=data.Column(need.column.generator, need.column.options | {"lengths_of": leader.name}))


def _settle(need, shape, length):
    if shape is not None:
        if len(shape) != len(need.shape) or any(a not in (None, b) for a, b in zip(need.shape, shape, strict=True)):
            raise ExportError(
                f"--input-shape {_commas(shape)} is not of the shape ({_commas(need.shape)}) of {need.name}"
            )
        need = replace(need, shape=tuple(shape))
    if need.missing:
        raise ExportError(f"no examples of {need.name}: {need.missing}")
    if None not in need.shape:
        return need
    if need.shape.index(None) == 0 and None not in need.shape[1:] and length:
        options = need.column.options | {"lengths": list(length)}
        return replace(need, column=data.Column(need.column.generator, options))
    flag = f"--input-shape {need.name}={','.join(str(n or 224) for n in need.shape)}"
    raise ExportError(
        f"how large an example of {need.name} is cannot be told from its shape ({_commas(need.shape)}): give {flag}, "
        "or the file a function data(n, seed)"
    )


def _commas(shape):
    return ", ".join("any" if n is None else str(n) for n in shape)


def batch_of(inputs):
    """Return the batch size that the inputs of a model fix, as stateful recurrent layers need it, or None."""
    return next((t.shape[0] for t in outputs_of(inputs) if t.shape and t.shape[0] is not None), None)


def likely_loss(model, outputs, targets=None):
    """Return the loss that suits the last activation of a model that is not compiled: a name, or one per output.

    `targets` is how many dimensions a given target has beside the batch, None if none is given.
    """
    losses = []
    for tensor in outputs_of(outputs):
        loss = _likely(tensor)
        if loss.startswith("sparse") and targets is not None and targets == len(tensor.shape) - 1 and targets > 0:
            loss = "categorical_crossentropy"
        losses.append(loss)
    return losses[0] if len(losses) == 1 else losses


def _likely(tensor):
    layer = tensor._keras_history.operation if hasattr(tensor, "_keras_history") else None
    while hasattr(layer, "layers") and layer.layers:
        layer = layer.layers[-1]
    activation = getattr(getattr(layer, "activation", None), "__name__", "") or type(layer).__name__.lower()
    if activation == "softmax":
        return "sparse_categorical_crossentropy"
    return "binary_crossentropy" if activation == "sigmoid" else "mean_squared_error"


def count_samples(flops_per_example, batch):
    """Return how many examples make an epoch of at most some 10¹² operations: 1,000, fewer for a large model.

    It is at least two batches.
    """
    affordable = int(1e12 / max(1, flops_per_example or 1))
    return max(2 * batch, min(1000, 2 ** int(math.log2(max(1, affordable)))))
