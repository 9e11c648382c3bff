"""The recurrent layers of Keras in a faster form: one gradient for the whole sequence, with loops compiled by XLA.

TensorFlow differentiates a loop over time step by step: each step projects its input, and each step of the backward
loop adds to the gradient of each weight. Here one product before the loop projects the inputs of all steps, and one
product per weight after it makes the gradient, so that only the recurrent product is inside (Appleyard, Kočiský and
Blunsom, "Optimizing Performance of Recurrent Neural Networks on GPUs", arXiv 1604.01946).

Layers keep the weights and the semantics of Keras. A layer with masks, dropout or other activations is left to Keras.
"""

import contextlib
from unittest import mock

import tensorflow as tf
from keras import activations, layers, ops

from pygen.model import cells

CELLS = {layers.SimpleRNN: cells.Simple, layers.LSTM: cells.LSTM, layers.GRU: cells.GRU}


@contextlib.contextmanager
def fused():
    """Within it, recurrent layers are traced in the fused form where that is possible.

    Yields a dict that fills as layers are traced: {layer name: why it is not fused, None if it is}.
    """
    outcome = {}
    with contextlib.ExitStack() as stack:
        for kind, cell in CELLS.items():
            loop = _inner_loop(kind.inner_loop, cell, outcome)
            stack.enter_context(mock.patch.object(kind, "inner_loop", loop))
        yield outcome


def unfit(layer, mask):
    """Return why a recurrent layer cannot be fused, or None."""
    cell = layer.cell
    if any(m is not None for m in tf.nest.flatten(mask)):
        return "it masks steps"
    if cell.dropout or cell.recurrent_dropout:
        return "it drops out inputs or states"
    if cell.activation not in (activations.tanh, tf.tanh, ops.tanh):
        return "its activation is not tanh"
    gate = getattr(cell, "recurrent_activation", activations.sigmoid)
    if gate not in (activations.sigmoid, tf.sigmoid, ops.sigmoid):
        return "its recurrent activation is not sigmoid"
    if not getattr(cell, "reset_after", True):
        return "its reset gate acts before the product"
    if layer.compute_dtype != "float32":
        return "it does not compute in float32"
    return None


def _inner_loop(original, cell, outcome):
    """Return what replaces `inner_loop` of a Keras layer, which runs over all steps."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        if not tf.is_tensor(sequences):  # Keras only asks for shapes
            return original(self, sequences, initial_state, mask, training)
        outcome[self.name] = reason = unfit(self, mask)
        if reason:
            return original(self, sequences, initial_state, mask, training)
        states = list(initial_state) if isinstance(initial_state, (list, tuple)) else [initial_state]
        inputs = tf.transpose(sequences, (1, 0, 2))
        if self.go_backwards:
            inputs = tf.reverse(inputs, [0])
        run = _sequence(cell, self.return_sequences, _weights(self.cell))
        outputs, *states = run(inputs, states)
        return states[0], tf.transpose(outputs, (1, 0, 2)), states

    return inner_loop


def _weights(cell):
    """Return [kernel, recurrent kernel, bias of the projected inputs, bias of the inner product]; no bias is zero."""
    zero = tf.zeros(cell.recurrent_kernel.shape[1])
    bias = zero if cell.bias is None else tf.convert_to_tensor(cell.bias)
    pair = (bias[0], bias[1]) if bias.shape.rank == 2 else (bias, zero)
    return [tf.convert_to_tensor(cell.kernel), tf.convert_to_tensor(cell.recurrent_kernel), *pair]


def _sequence(cell, every_step, weights):
    """Return the function (inputs, states) → [outputs, *last states], with a gradient of its own.

    Shapes: inputs (steps, batch, features), a state (batch, units), outputs (steps, batch, units); without `every_step`
    outputs has only the last step.
    """

    @tf.function(jit_compile=True, autograph=False)
    def forward(inputs, states, weights):
        return _forward(cell, every_step, inputs, states, weights)

    @tf.function(jit_compile=True, autograph=False)
    def backward(inputs, saved, weights, upstream):
        return _backward(cell, every_step, inputs, saved, weights, upstream)

    @tf.custom_gradient
    def run(inputs, states, weights):
        results, saved = forward(inputs, states, weights)
        return results, lambda *upstream: backward(inputs, saved, weights, list(upstream))

    return lambda inputs, states: run(inputs, states, weights)


def _forward(cell, every_step, inputs, states, weights):
    """Return ([outputs, *last states], saved); for each step, `saved` has the states before it and what it kept."""
    kernel, recurrent, bias, inner_bias = weights
    units = recurrent.shape[0]
    projected = tf.tensordot(inputs, kernel, 1) + bias  # one product; tf.matmul would make one a step

    def step(t, states, saved):
        inner = tf.matmul(states[0], recurrent) + inner_bias
        after, kept = cell.forward(projected[t], inner, states)
        return after, _write(saved, t, [*states, kept])

    last, saved = _loop(tf.shape(inputs)[0], step, states, [*([units] * len(states)), cell.kept * units])
    outputs = tf.concat([saved[0][1:], last[0][None]], 0) if every_step else last[0][None]
    return [outputs, *last], saved


def _backward(cell, every_step, inputs, saved, weights, upstream):
    """Return (gradient of inputs, of states, of weights); `upstream` are the gradients of outputs and last states."""
    kernel, recurrent, _, _ = weights
    units, width = recurrent.shape
    transposed = tf.transpose(recurrent)
    outputs, *last = upstream
    *states, kept = saved
    end = tf.shape(inputs)[0] - 1

    def step(back, grads, done):
        t = end - back
        if every_step:
            grads = [grads[0] + outputs[t], *grads[1:]]
        inner, direct = cell.backward(kept[t], [state[t] for state in states], grads)
        through = tf.matmul(inner[-1], transposed)
        grads = [through if direct[0] is None else through + direct[0], *direct[1:]]
        return grads, _write(done, t, inner)

    if not every_step:
        last = [last[0] + outputs[0], *last[1:]]
    first, done = _loop(end + 1, step, last, [width] * (2 if cell.separate else 1))
    flat = [tf.reshape(d, (-1, width)) for d in done]
    sums = [tf.reduce_sum(f, 0) for f in flat]
    projected, inner = flat[0], flat[-1]
    return (
        tf.reshape(tf.matmul(projected, kernel, transpose_b=True), tf.shape(inputs)),
        first,
        [
            tf.matmul(tf.reshape(inputs, (-1, inputs.shape[2])), projected, transpose_a=True),
            tf.matmul(tf.reshape(states[0], (-1, units)), inner, transpose_a=True),
            sums[0],
            sums[-1],
        ],
    )


def _loop(steps, step, states, widths):
    """Run step(t, states, arrays) → (states, arrays) for t from 0 to steps − 1; return (states, stacked arrays)."""
    arrays = [tf.TensorArray(tf.float32, steps, element_shape=(None, width)) for width in widths]
    _, states, arrays = tf.while_loop(
        lambda t, *_: t < steps,
        lambda t, states, arrays: (t + 1, *step(t, states, arrays)),
        (0, list(states), arrays),
        maximum_iterations=steps,
        parallel_iterations=1,
    )
    return states, [array.stack() for array in arrays]


def _write(arrays, t, values):
    return [array.write(t, value) for array, value in zip(arrays, values, strict=True)]
