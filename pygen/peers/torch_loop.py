"""PyTorch, the article's loop: `python -m pygen.peers.torch_loop WEIGHTS [--compile]` is a worker."""

import sys

from pygen.peers import loop
from pygen.peers.work import weighted, weights


def build(work):
    """Return a function that trains an epoch."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    from pygen.peers import torch_models

    model, criterion, (optimizer_class, settings) = torch_models.build(work.model)
    model.take(*weights(sys.argv[1]))
    optimizer = optimizer_class([p for p in model.parameters() if p.requires_grad], **settings)
    run = torch.compile(model) if "--compile" in sys.argv else model
    x = [torch.from_numpy(row).long() for row in work.x] if work.sequences else torch.from_numpy(work.x)
    y = torch.from_numpy(work.y)
    if not y.is_floating_point():
        y = y.long()

    def epoch():
        losses, sizes = [], []
        for start in range(0, work.samples, work.batch):
            inputs, targets = x[start : start + work.batch], y[start : start + work.batch]
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(run(pad_sequence(inputs, batch_first=True) if work.sequences else inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            sizes.append(len(targets))
        return weighted(losses, sizes)

    return epoch


if __name__ == "__main__":
    loop.run(build, "torch")
