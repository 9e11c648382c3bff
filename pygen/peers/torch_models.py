"""The built-in models in PyTorch, each with the way from Keras's weights to its own."""

import numpy as np
import torch
from torch import nn


class Linear(nn.Linear):
    """`linear`."""

    def __init__(self):
        """Make the layer."""
        super().__init__(1, 1)

    def take(self, kernel, bias):
        """Copy Keras's weights."""
        dense(self, kernel, bias)


class MLP(nn.Sequential):
    """`mlp`; the last layer gives logits."""

    def __init__(self):
        """Make the layers."""
        super().__init__(
            nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
        )

    def take(self, *weights):
        """Copy Keras's weights."""
        for layer, kernel, bias in zip((self[1], self[3], self[5]), weights[::2], weights[1::2], strict=True):
            dense(layer, kernel, bias)


class CNN(nn.Sequential):
    """`cnn`; the last layer gives logits."""

    def __init__(self):
        """Make the layers."""
        super().__init__(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 13 * 13, 10))

    def forward(self, x):
        """Keras's one channel stands last, PyTorch's first: the same memory."""
        return super().forward(x.reshape(-1, 1, 28, 28))

    def take(self, filters, bias, kernel, last_bias):
        """Copy Keras's weights."""
        copy(self[0].weight, filters.transpose(3, 2, 0, 1))
        copy(self[0].bias, bias)
        # Keras flattens (row, column, channel), PyTorch (channel, row, column).
        dense(self[4], kernel.reshape(13, 13, 32, 10).transpose(2, 0, 1, 3).reshape(-1, 10), last_bias)


class Recurrent(nn.Module):
    """`rnn`, `lstm` and `gru`: the logits come from the last step, as in the article's model."""

    def __init__(self, layer):
        """Make the layers; `layer` is nn.RNN, nn.LSTM or nn.GRU."""
        super().__init__()
        self.embedding = nn.Embedding(20, 32)
        self.rnn = layer(32, 64, batch_first=True)
        self.fc = nn.Linear(64, 20)

    def forward(self, x):
        """Tokens (batch, length) to logits (batch, 20)."""
        out, _ = self.rnn(self.embedding(x))
        return self.fc(out[:, -1, :])

    def take(self, table, kernel, recurrent, bias, last_kernel, last_bias):
        """Copy Keras's weights."""
        copy(self.embedding.weight, table)
        if isinstance(self.rnn, nn.GRU):
            # Keras orders the gates update, reset, candidate; PyTorch reset, update, candidate.
            kernel, recurrent, bias = (
                np.concatenate([a[..., 64:128], a[..., :64], a[..., 128:]], -1) for a in (kernel, recurrent, bias)
            )
        copy(self.rnn.weight_ih_l0, kernel.T)
        copy(self.rnn.weight_hh_l0, recurrent.T)
        if isinstance(self.rnn, nn.GRU):
            copy(self.rnn.bias_ih_l0, bias[0])
            copy(self.rnn.bias_hh_l0, bias[1])
        else:
            # Keras has one bias here. PyTorch's second, at zero and not trained, is the same model.
            copy(self.rnn.bias_ih_l0, bias)
            copy(self.rnn.bias_hh_l0, np.zeros_like(bias))
            self.rnn.bias_hh_l0.requires_grad_(False)
        dense(self.fc, last_kernel, last_bias)


class KerasAdam(torch.optim.Adam):
    """Adam whose epsilon has Keras's meaning: it is added before the bias correction, not after it.

    PyTorch's own would train a little differently; the work in a step is the same.
    """

    EPSILON = 1e-7

    def __init__(self, *arguments, **settings):
        """Start at step 0."""
        super().__init__(*arguments, **settings)
        self.count = 0

    def step(self):
        """Do one step."""
        self.count += 1
        group = self.param_groups[0]
        group["eps"] = self.EPSILON / (1 - group["betas"][1] ** self.count) ** 0.5
        super().step()


def build(name):
    """Return (model, loss, optimizer class and settings) for a built-in model's name."""
    if name == "linear":
        return Linear(), nn.MSELoss(), (torch.optim.SGD, {"lr": 0.01})
    layers = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
    model = Recurrent(layers[name]) if name in layers else {"mlp": MLP, "cnn": CNN}[name]()
    return model, nn.CrossEntropyLoss(), (KerasAdam, {"lr": 0.001, "eps": KerasAdam.EPSILON})


def dense(layer, kernel, bias):
    """Copy a Keras Dense layer."""
    copy(layer.weight, kernel.T)
    copy(layer.bias, bias)


def copy(parameter, array):
    """Copy an array into a parameter of the same shape."""
    with torch.no_grad():
        if parameter.shape != array.shape:
            raise ValueError(f"{tuple(parameter.shape)} is not {array.shape}")
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
