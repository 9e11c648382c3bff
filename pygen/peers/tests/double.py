"""Run by test_same_work.py in .venv-runtimes: PyTorch's and JAX's losses of two epochs in double precision."""

import json
import sys

import jax
import numpy as np
import torch

from pygen.peers import jax_models, torch_models
from pygen.peers.work import Work

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)


def double(array):
    """Return floats in double precision."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def torch_losses(work):
    """Return the loss of every step in PyTorch."""
    model, criterion, (optimizer_class, settings) = torch_models.build(work.model)
    model.take(*map(double, work.weights()))
    optimizer = optimizer_class([p for p in model.parameters() if p.requires_grad], **settings)
    losses = []
    for x, y in list(work.batches()) * 2:
        x, y = (t if t.is_floating_point() else t.long() for t in (torch.from_numpy(double(a)) for a in (x, y)))
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def jax_losses(work):
    """Return the loss of every step in JAX."""
    step, state = jax_models.build(work.model, [double(w) for w in work.weights()])
    losses = []
    for x, y in list(work.batches()) * 2:
        state, loss = step(state, double(x), double(y))
        losses.append(float(loss))
    return losses


for folder in sys.argv[1:]:
    work = Work(folder)
    print(json.dumps([work.model, torch_losses(work), jax_losses(work)]))
