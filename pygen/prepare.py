"""What an export is made from: the compiled model, its named columns, and where their examples come from."""

from dataclasses import dataclass, replace

import numpy as np

from pygen import drawing
from pygen.author import origin
from pygen.author.faults import located
from pygen.errors import ExportError
from pygen.examples import data, dense, given
from pygen.examples.source import SEED, Synthetic
from pygen.model import compiling, derive, lengths, matching, preprocessing
from pygen.model.columns import Layout
from pygen.model.forward import has_own_step


@dataclass
class Prepared:
    """A model that is ready to be exported.

    `inputs` and `targets` are the manifest's entries of what a step is fed. `held` are the entries of what the data
    holds for them, in the same order; they differ where `preprocess`, a `preprocessing.Signature`, makes what is fed.
    `validation` is (layout, `pipeline.Pipeline`), None without validation.
    """

    author: origin.Author
    layout: Layout
    inputs: list
    targets: list
    held: list
    source: object
    preprocess: preprocessing.Signature | None
    batch: int | None
    validation: tuple | None = None

    @property
    def model(self):
        """Return the compiled Keras model."""
        return self.author.model

    @property
    def entries(self):
        """Return the entries of inputs, then targets."""
        return self.inputs + self.targets

    def takes(self):
        """Return the entries of what the preprocess signature takes."""
        return [entry for entry in self.held if entry["name"] in self.preprocess.layers]


def prepare(request, author, folder):
    """Compile the model of an `origin.Author`, and find its columns and examples. Raises ExportError.

    `request` is an `options.Request`; `folder` is where batches that Python makes are drawn to.
    """
    model = author.model
    author.class_weight = request.class_weight or author.class_weight
    with located("what the model takes cannot be found out"):
        made = drawing.pipeline_of(author.batches, model, author.notices, folder) if author.batches else None
        tensors = inputs(model, request, author, made)
        _build(model, tensors, made)
        outputs = lambda: derive.output_tensors(model, tensors)  # noqa: E731
        compiling.settle(model, request, outputs, matching.target_rank(author.returned), author.notices)
        if made:
            layout, source = made
            needs = [derive.Need(n, s.dtype.name, tuple(s.shape[1:])) for n, s in source.specs.items()]
        elif author.returned is not None:
            layout, needs, source = _given(author, model, tensors)
        else:
            layout, needs, source = _drawn(author, request, model, tensors)
    layout = replace(layout, class_weight={int(k): float(v) for k, v in author.class_weight.items()})
    if layout.class_weight and (len(layout.targets) != 1 or layout.sample_weight is not None):
        raise ExportError(
            "class weights are for a model with one target and no sample weights, as in fit(...) of Keras"
        )
    trained = source.defaults(author.settings)[1] if made else author.batch
    batch = request.batch or _fixed_batch(model, tensors, trained)
    layers = preprocessing.by_name(author.layers, layout.names) if author.layers is not None else {}
    prepared = _described(author, layout, needs, source, layers, batch)
    if author.validation:
        prepared.validation = _validation(author, folder)
    return prepared


def _fixed_batch(model, tensors, trained):
    """Return the batch size that a model fixes, or None.

    Keras takes other batches than the inputs say, as where predict(...) of ten examples has built them, unless a layer
    keeps a state for each example. `trained` is the size that fit(...) has, None where nothing says.
    """
    fixed = derive.batch_of(tensors)
    stateful = any(getattr(layer, "stateful", False) for layer in model._flatten_layers())
    return fixed if stateful or trained in (None, fixed) else None


def _validation(author, folder):
    """Return the (Layout, `pipeline.Pipeline`) of validation, or None where its data has no batch."""
    try:
        return drawing.pipeline_of(author.validation.batches, author.model, author.notices, folder)
    except drawing.EmptyError:
        author.notices.say("validation", "the validation data has no batch: there is no validation, in Keras neither")
        return None


def _described(author, layout, needs, source, layers, batch):
    """Return the Prepared, with the manifest's entry of each column."""
    held = [_entry(need, batch) for need in needs]
    fed, signature = held, None
    if layers:
        import tensorflow as tf

        specs = {e["name"]: tf.TensorSpec(e["shape"], e["dtype"], name=e["name"]) for e in held}
        with located("preprocess() does not take the data"):
            signature = preprocessing.Signature(layers, specs)
        fed = [e | _made(signature, e, batch) if e["name"] in layers else e for e in held]
    count = len(layout.inputs)
    return Prepared(author, layout, fed[:count], fed[count:], held, source, signature, batch)


def _made(signature, entry, batch):
    dtype, shape = signature.made[entry["name"]]
    return {"dtype": dtype, "shape": [batch, *shape], "categories": None}


def _entry(need, batch):
    entry = {"name": need.name, "dtype": need.dtype, "shape": [batch, *map(_size, need.shape)]}
    if need.limit is not None and need.dtype.startswith("int"):
        entry["categories"] = need.limit
    return entry | ({"nan": True} if need.nan else {})


def _size(dimension):
    return None if dimension is None else int(dimension)


def inputs(model, request, author, made):
    """Return the nest of the model's inputs as KerasTensors: its own, or those that its data or a shape tells.

    Raises ExportError for a subclassed model of which nothing is known.
    """
    import keras

    tensors = derive.input_tensors(model)
    if tensors is not None:
        dense.check_inputs(derive.outputs_of(tensors))
        return tensors
    if made:
        layout, source = made
        specs = source.specs
        return _nest(layout, lambda name: _tensor(specs[name].dtype.name, specs[name].shape[1:]))
    if author.returned is not None:
        raw, columns = matching.read(author.returned, None, (), author.giver)
        layers = preprocessing.by_name(author.layers, raw.names) if author.layers is not None else {}
        return keras.tree.map_structure(lambda name: _tensor(*_after(layers, name, columns[name])), raw.x)
    shapes = request.shapes or _built_for(model)
    if not shapes:
        raise ExportError(
            "the model does not say what it takes, and was never built: give --input-shape, such as --input-shape "
            "28,28,1, or the file a function data(n, seed) that returns examples, (x, y)"
        )
    dtype = "int32" if derive.takes_tokens(model, shapes) else "float32"
    if set(shapes) == {""}:
        return _tensor(dtype, shapes[""])
    return {name: _tensor(dtype, shape) for name, shape in shapes.items()}


def _after(layers, name, values):
    """Return (dtype, shape) of given values, after the preprocessing layer of that name."""
    dtype, shape = matching.spec(name, values)
    if name not in layers:
        return dtype, shape
    import tensorflow as tf

    spec = tf.TensorSpec([None, *shape], dtype, name=name)
    return preprocessing.Signature({name: layers[name]}, {name: spec}).made[name]


def _built_for(model):
    """Return {"": shape of one example} of the only input that a subclassed model was built for, else {}."""
    known = getattr(model, "_build_shapes_dict", None) or {}
    shapes = [shape for shape in known.values() if shape]
    if len(shapes) == 1 and isinstance(shapes[0], tuple) and all(n is None or isinstance(n, int) for n in shapes[0]):
        return {"": shapes[0][1:]}
    return {}


def _tensor(dtype, shape):
    import keras

    return keras.KerasTensor((None, *shape), dtype=dtype)


def _build(model, tensors, made):
    """Make the variables of a model that was never called, by calling it.

    A pipeline, if one is `made`, may leave open what its batches have, and Keras builds a model for the first of them.
    """
    if all(layer.built for layer in model._flatten_layers()):
        return
    if made:
        layout, source = made
        first = source.drawn.first[0]
        tensors = _nest(layout, lambda name: _tensor(source.specs[name].dtype.name, first[name].shape[1:]))
    try:
        model(tensors)
    except Exception:
        if not has_own_step(model):  # a model may have nothing but its train_step
            raise


def _nest(layout, made):
    """Return the nest of the model's inputs, of what is `made` from the name of each."""
    import keras

    return keras.tree.map_structure(made, layout.x)


def _given(author, model, tensors):
    """Return (layout, needs, source) of examples that the author gives."""
    own = derive.input_tensors(model)
    layout, columns = matching.read(author.returned, own, getattr(model, "output_names", None) or (), author.giver)
    leaves = derive.outputs_of(tensors) if own is not None else []
    raw = set(author.layers) if isinstance(author.layers, dict) else set(layout.inputs[: author.layers is not None])
    limits = _limits(model, tensors)
    needs = []
    for number, name in enumerate(layout.names):
        same = number < len(leaves) == len(layout.inputs) and name not in raw
        dtype, shape = matching.spec(name, columns[name], leaves[number] if same else None)
        needs.append(derive.Need(name, dtype, shape, limit=None if name in raw else limits.get(name)))
    source = given.Given(columns, author.batch)
    return layout, [replace(need, nan=source.missing(need.name) is not None) for need in needs], source


def _limits(model, tensors):
    """Return {name: n} of the inputs and targets that index n rows or classes."""
    try:
        _, needs = derive.needs(model, tensors)
    except Exception:  # where the model does not tell, only its steps check the values
        return {}
    return {need.name: need.limit for need in needs}


def _drawn(author, request, model, tensors):
    """Return (layout, needs, source) of examples that a recipe draws, the author's or one derived from the model."""
    if author.returned is None and author.layers is not None:
        return _drawn_raw(author, request, model, tensors)
    recipe = author.recipe.columns if author.recipe else {}
    layout, needs = derive.needs(model, tensors, recipe)
    if request.source is not None:
        return layout, [_from_source(need, request.source) for need in needs], request.source
    if unknown := sorted(set(recipe) - set(layout.names)):
        raise ExportError(f"its DATA has a column {unknown[0]}, and the model takes {', '.join(layout.names)}")
    needs = [_by_recipe(need, recipe[need.name]) if need.name in recipe else need for need in needs]
    if not recipe:
        needs = lengths.linked(model, tensors, needs)
        needs = derive.settle(needs, _named(request.shapes, layout), request.lengths, author.notices)
    return layout, needs, Synthetic(_recipe(recipe, needs))


def _recipe(recipe, needs):
    return data.Recipe(**(recipe | {need.name: need.column for need in needs if need.name not in recipe}))


def _by_recipe(need, column):
    return replace(need, column=column, limit=column.categories, missing="")


def _from_source(need, source):
    n = source.categories(need.name)
    return replace(need, column=data.integers(0, n) if n else None, limit=n, missing="")


def _named(shapes, layout):
    """Return {name: shape}; a shape without a name is that of the first input."""
    return {name or layout.inputs[0]: shape for name, shape in shapes.items()}


def _drawn_raw(author, request, model, tensors):
    """Return (layout, needs, source) of examples that preprocessing layers take."""
    layout, needs = derive.needs(model, tensors)
    layers = preprocessing.by_name(author.layers, layout.names)
    needs = [derive.before(layers[need.name], need) if need.name in layers else need for need in needs]
    texts = {need.name: derive.words(layers[need.name]) for need in needs if need.dtype == "string"}
    if not any(texts.values()):
        needs = derive.settle(needs, _named(request.shapes, layout), request.lengths, author.notices)
        return layout, needs, Synthetic(_recipe({}, needs))
    count = author.settings.samples
    settled = derive.settle(
        [n for n in needs if not texts.get(n.name)], _named(request.shapes, layout), request.lengths
    )
    drawn = _recipe({}, settled).draw(count, {n.name: n.shape for n in settled}, SEED)
    random = np.random.default_rng(SEED)
    columns = {n.name: drawn[n.name] if n.name in drawn else _sentences(texts[n.name], n, count, random) for n in needs}
    return layout, needs, given.Given(columns)


def _sentences(words, need, count, random):
    """Return `count` texts (count, *shape): one word each for a lookup, 5 to 30 words each for a vectorizer."""
    longest = 30 if need.column else 1
    texts = [" ".join(random.choice(words, random.integers(min(5, longest), longest + 1))) for _ in range(count)]
    return np.array([text.encode() for text in texts], dtype="S").reshape(count, *need.shape)
