"""PyTorch, the article's loop: `python -m pygen.peers.torch_loop WORK [--compile]`."""

import sys

import torch
from torch.nn.utils.rnn import pad_sequence

from pygen.peers import torch_models
from pygen.peers import work as peers


def batches(work, x, y):
    """Yield (x, y) of each batch: slices of tensors, or lists of sequences padded together."""
    for start in range(0, work.samples, work.batch):
        rows = x[start : start + work.batch]
        yield pad_sequence(rows, batch_first=True) if work.sequences else rows, y[start : start + work.batch]


def main(folder, *flags):
    """Measure."""
    work = peers.Work(folder)
    model, criterion, (optimizer_class, settings) = torch_models.build(work.model)
    model.take(*work.weights())
    optimizer = optimizer_class([p for p in model.parameters() if p.requires_grad], **settings)
    run = torch.compile(model) if "--compile" in flags else model
    x = [torch.from_numpy(row).long() for row in work.x] if work.sequences else torch.from_numpy(work.x)
    y = torch.from_numpy(work.y)
    if not y.is_floating_point():
        y = y.long()

    def epoch():
        losses, sizes = [], []
        for inputs, targets in batches(work, x, y):
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(run(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            sizes.append(len(targets))
        return peers.weighted(losses, sizes)

    peers.tell(peers.measure(work, epoch), torch=str(torch.__version__))


if __name__ == "__main__":
    main(*sys.argv[1:])
