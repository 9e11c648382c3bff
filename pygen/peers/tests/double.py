"""Run by pygen/tests/test_peers.py in .venv-runtimes: PyTorch's and JAX's losses of two epochs in double precision.

Prints a line of JSON for each model: its name, and the loss of every step in both.
"""

import json

import jax
import numpy as np
import torch

from pygen.peers import jax_models, torch_models

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # on a busy machine its threads wait long for each other

DENSE = [(64, 20), (20,)]
EMBEDDING = (20, 32)
# The shape of each weight, in Keras's order.
SHAPES = {
    "linear": [(1, 1), (1,)],
    "mlp": [(784, 128), (128,), (128, 128), (128,), (128, 10), (10,)],
    "cnn": [(3, 3, 1, 32), (32,), (32 * 13 * 13, 10), (10,)],
    "rnn": [EMBEDDING, (32, 64), (64, 64), (64,), *DENSE],
    "lstm": [EMBEDDING, (32, 256), (64, 256), (256,), *DENSE],
    "gru": [EMBEDDING, (32, 192), (64, 192), (2, 192), *DENSE],
}
RANDOM = np.random.default_rng(1)


def batches(name, count=3, size=16):
    """Return `count` batches (x, y)."""
    if name == "linear":
        return [(RANDOM.normal(size=(size, 1)), RANDOM.normal(size=(size, 1))) for _ in range(count)]
    if name in ("mlp", "cnn"):
        images = (28, 28, 1) if name == "cnn" else (28, 28)
        return [(RANDOM.normal(size=(size, *images)), RANDOM.integers(0, 10, size)) for _ in range(count)]
    return [(RANDOM.integers(0, 20, (size, 12)), RANDOM.integers(0, 20, size)) for _ in range(count)]


def torch_losses(name, weights, epochs):
    """Return the loss of every step in PyTorch."""
    model, criterion, (optimizer_class, settings) = torch_models.build(name)
    model.take(*weights)
    optimizer = optimizer_class([p for p in model.parameters() if p.requires_grad], **settings)
    losses = []
    for x, y in epochs:
        optimizer.zero_grad()
        loss = criterion(model(torch.from_numpy(x)), torch.from_numpy(y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def jax_losses(name, weights, epochs):
    """Return the loss of every step in JAX."""
    step, state = jax_models.build(name, weights)
    losses = []
    for x, y in epochs:
        state, loss = step(state, x, y)
        losses.append(float(loss))
    return losses


for model, shapes in SHAPES.items():
    start = [RANDOM.normal(scale=0.1, size=shape) for shape in shapes]
    fed = 2 * batches(model)
    print(json.dumps([model, torch_losses(model, start, fed), jax_losses(model, start, fed)]))
