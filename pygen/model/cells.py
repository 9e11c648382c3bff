"""One step of the recurrent cells of Keras, forward and backward, without the products by weights.

A cell has states of `units` numbers per example, the first of which is its output. It keeps `kept` × units numbers of
each step for the backward pass. `projected` is the input times its kernel, plus bias. `inner` is the output of the step
before times the recurrent kernel, plus a bias of its own if the cell has one.

Shapes: projected and inner (batch, gates × units), a state (batch, units).
"""

import tensorflow as tf


class Simple:
    """h' = tanh(projected + inner)."""

    kept = 1
    separate = False  # the gradients of projected and inner are the same

    @staticmethod
    def forward(projected, inner, states):
        """Return (next states, what is kept for `backward`)."""
        h = tf.tanh(projected + inner)
        return [h], h

    @staticmethod
    def backward(kept, states, grads):
        """Return (gradients of projected and inner, gradients of the states other than through inner; None is 0)."""
        d = grads[0] * (1 - kept * kept)
        return [d], [None]


class LSTM:
    """c' = f·c + i·g, h' = o·tanh(c'), with the gates i, f, g, o in the order of Keras."""

    kept = 5
    separate = False

    @staticmethod
    def forward(projected, inner, states):
        """Return (next states, what is kept for `backward`)."""
        i, f, g, o = tf.split(projected + inner, 4, 1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * states[1] + i * g
        squashed = tf.tanh(c)
        return [o * squashed, c], tf.concat([i, f, g, o, squashed], 1)

    @staticmethod
    def backward(kept, states, grads):
        """Return (gradients of projected and inner, gradients of the states other than through inner; None is 0)."""
        i, f, g, o, squashed = tf.split(kept, 5, 1)
        c = grads[1] + grads[0] * o * (1 - squashed * squashed)
        d = [c * g * i * (1 - i), c * states[1] * f * (1 - f), c * i * (1 - g * g), grads[0] * squashed * o * (1 - o)]
        return [tf.concat(d, 1)], [None, c * f]


class GRU:
    """h' = z·h + (1 − z)·tanh(candidate + r·inner candidate), with the gates z, r, candidate in the order of Keras."""

    kept = 4
    separate = True

    @staticmethod
    def forward(projected, inner, states):
        """Return (next states, what is kept for `backward`)."""
        xz, xr, xc = tf.split(projected, 3, 1)
        hz, hr, hc = tf.split(inner, 3, 1)
        z, r = tf.sigmoid(xz + hz), tf.sigmoid(xr + hr)
        candidate = tf.tanh(xc + r * hc)
        return [z * states[0] + (1 - z) * candidate], tf.concat([z, r, candidate, hc], 1)

    @staticmethod
    def backward(kept, states, grads):
        """Return (gradients of projected and inner, gradients of the states other than through inner; None is 0)."""
        z, r, candidate, hc = tf.split(kept, 4, 1)
        dz = grads[0] * (states[0] - candidate) * z * (1 - z)
        dc = grads[0] * (1 - z) * (1 - candidate * candidate)
        dr = dc * hc * r * (1 - r)
        return [tf.concat([dz, dr, dc], 1), tf.concat([dz, dr, dc * r], 1)], [grads[0] * z]
