"""The built-in models in JAX: functions of Keras's weights, in Keras's order, and a batch."""

import jax
import jax.numpy as jnp
from jax import lax, nn


def linear(weights, x):
    """`linear`."""
    kernel, bias = weights
    return x @ kernel + bias


def mlp(weights, x):
    """`mlp`, to logits."""
    x = x.reshape(len(x), -1)
    x = nn.relu(x @ weights[0] + weights[1])
    x = nn.relu(x @ weights[2] + weights[3])
    return x @ weights[4] + weights[5]


def cnn(weights, x):
    """`cnn`, to logits."""
    filters, bias, kernel, last_bias = weights
    x = lax.conv_general_dilated(x, filters, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    x = nn.relu(x + bias)
    x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x.reshape(len(x), -1) @ kernel + last_bias


def recurrent(step, first):
    """Return a model that scans `step(state, projected input, recurrent kernel, bias)` over time, from state `first`.

    All steps' inputs are projected in one product beforehand.
    """

    def model(weights, x):
        table, kernel, recurrent_kernel, bias, last_kernel, last_bias = weights
        projected = table[x.T] @ kernel + (bias[0] if bias.ndim == 2 else bias)
        start = first(jnp.zeros((len(x), 64)))
        state, _ = lax.scan(lambda s, p: (step(s, p, recurrent_kernel, bias), None), start, projected)
        hidden = state[0] if isinstance(state, tuple) else state
        return hidden @ last_kernel + last_bias

    return model


def rnn_step(hidden, projected, kernel, bias):
    """One step of `rnn`."""
    return jnp.tanh(projected + hidden @ kernel)


def lstm_step(state, projected, kernel, bias):
    """One step of `lstm`; gates in Keras's order: input, forget, candidate, output."""
    hidden, cell = state
    i, f, c, o = jnp.split(projected + hidden @ kernel, 4, axis=-1)
    cell = nn.sigmoid(f) * cell + nn.sigmoid(i) * jnp.tanh(c)
    return nn.sigmoid(o) * jnp.tanh(cell), cell


def gru_step(hidden, projected, kernel, bias):
    """One step of `gru`; gates in Keras's order: update, reset, candidate."""
    xz, xr, xc = jnp.split(projected, 3, axis=-1)
    hz, hr, hc = jnp.split(hidden @ kernel + bias[1], 3, axis=-1)
    z = nn.sigmoid(xz + hz)
    return z * hidden + (1 - z) * jnp.tanh(xc + nn.sigmoid(xr + hr) * hc)


MODELS = {
    "linear": linear,
    "mlp": mlp,
    "cnn": cnn,
    "rnn": recurrent(rnn_step, lambda zeros: zeros),
    "lstm": recurrent(lstm_step, lambda zeros: (zeros, zeros)),
    "gru": recurrent(gru_step, lambda zeros: zeros),
}


def loss_of(name):
    """Return the loss, a function of weights, x and y, for a built-in model's name."""
    model = MODELS[name]
    if name == "linear":
        return lambda weights, x, y: jnp.mean((model(weights, x) - y) ** 2)

    def loss(weights, x, y):
        likelihood = nn.log_softmax(model(weights, x))
        return -jnp.take_along_axis(likelihood, y[:, None], axis=1).mean()

    return loss


def sgd(state, gradients, rate=0.01):
    """One step of gradient descent; the state is the weights."""
    return jax.tree.map(lambda w, g: w - rate * g, state, gradients)


def adam(state, gradients, rate=0.001, decay=0.9, decay2=0.999, epsilon=1e-7):
    """One step of Adam as Keras does it, in the form at the end of section 2 of the paper (arXiv 1412.6980)."""
    weights, mean, square, count = state
    count = count + 1
    mean = jax.tree.map(lambda m, g: m + (1 - decay) * (g - m), mean, gradients)
    square = jax.tree.map(lambda v, g: v + (1 - decay2) * (g * g - v), square, gradients)
    rate = rate * jnp.sqrt(1 - decay2**count) / (1 - decay**count)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + epsilon), weights, mean, square)
    return weights, mean, square, count


def build(name, weights):
    """Return (jit-compiled step, first state); step: state, x, y → state, loss. The state's memory is used again."""
    loss = loss_of(name)
    plain = name == "linear"

    def step(state, x, y):
        value, gradients = jax.value_and_grad(loss)(state if plain else state[0], x, y)
        return (sgd if plain else adam)(state, gradients), value

    def zeros():
        return [jnp.zeros_like(w) for w in weights]

    weights = [jnp.array(w) for w in weights]
    return jax.jit(step, donate_argnums=0), weights if plain else (weights, zeros(), zeros(), jnp.zeros(()))
