"""JAX, a loop around a jit-compiled step whose state is donated: `python -m pygen.peers.jax_loop WORK`."""

import sys

import jax

from pygen.peers import jax_models
from pygen.peers import work as peers


def main(folder):
    """Measure."""
    work = peers.Work(folder)
    step, state = jax_models.build(work.model, work.weights())

    def epoch():
        nonlocal state
        losses, sizes = [], []
        for x, y in work.batches():
            state, loss = step(state, x, y)
            losses.append(loss)
            sizes.append(len(y))
        jax.block_until_ready(state)
        return peers.weighted(losses, sizes)

    peers.tell(peers.measure(work, epoch), jax=jax.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
