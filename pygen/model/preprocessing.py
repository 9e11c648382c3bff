"""Preprocessing in Keras: layers beside the model, as a signature that the harness runs on each batch."""

import tensorflow as tf

from pygen.errors import ExportError

KEY = "preprocess"
_CHANGING = ("Assign", "Random", "Stateful", "Multinomial", "TruncatedNormal")
_PURE = {"RandomShuffleQueueV2", "StatefulPartitionedCall", "StatelessRandomGetKeyCounter"}


class Signature:
    """Layers that make what a training step is fed from what the data holds."""

    KEY = KEY

    def __init__(self, layers, specs):
        """Take {name of an input or target: Keras layer} and {name: tf.TensorSpec of the raw batch}."""
        self.layers = layers
        takes = [specs[name] for name in layers]

        def preprocess(*raw):
            return {name: apply(layers[name], value) for name, value in zip(layers, raw, strict=True)}

        self.function = tf.function(preprocess, input_signature=takes, autograph=False)
        made = self.function.get_concrete_function().structured_outputs
        self.made = {name: (made[name].dtype.name, tuple(made[name].shape[1:])) for name in layers}

    def describe(self, takes):
        """Return "preprocess" of the "signatures" of the manifest; `takes` are the entries of the raw tensors."""
        described = {"key": KEY, "takes": takes, "makes": list(self.layers)}
        return described | ({"stateful": True} if self.stateful() else {})

    def stateful(self):
        """Report whether a batch depends on those before it, as with random layers, which count in variables."""
        graph = self.function.get_concrete_function().graph.as_graph_def()
        nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
        return any(
            node.op.startswith(_CHANGING) and node.op not in _PURE and "Stateless" not in node.op for node in nodes
        )

    def with_keras(self, batch):
        """Return the batch, {name: array}, with the layers applied by Keras."""
        made = {name: apply(layer, tf.constant(batch[name])).numpy() for name, layer in self.layers.items()}
        return batch | made


def apply(layer, value):
    """Return the output of the layer in training, a tensor. Raises ExportError for any other output."""
    outputs = layer(value, training=True) if getattr(layer, "_call_has_training_arg", False) else layer(value)
    if not tf.is_tensor(outputs):
        raise ExportError(f"preprocess() makes {type(outputs).__name__} of one tensor; each of its layers makes one")
    return outputs


def by_name(returned, names):
    """Return {name: layer} of what an author's preprocess() returned. Raises ExportError."""
    layers = returned if isinstance(returned, dict) else {names[0]: returned}
    for name, layer in layers.items():
        if name not in names:
            raise ExportError(f"preprocess() names {name}, and the model takes {', '.join(names)}")
        if not callable(layer):
            raise ExportError(f"preprocess() gives {type(layer).__name__} for {name}, which is no Keras layer")
    return layers
