"""JAX, a loop around a jit-compiled step whose state is donated.

`python -m pygen.peers.jax_loop WEIGHTS` is a worker.
"""

import sys

from pygen.peers import loop
from pygen.peers.work import weighted, weights


def build(work):
    """Return a function that trains an epoch."""
    import jax

    from pygen.peers import jax_models

    step, state = jax_models.build(work.model, weights(sys.argv[1]))

    def epoch():
        nonlocal state
        losses, sizes = [], []
        for x, y in work.batches():
            state, loss = step(state, x, y)
            losses.append(loss)
            sizes.append(len(y))
        jax.block_until_ready(state)
        return weighted(losses, sizes)

    return epoch


if __name__ == "__main__":
    loop.run(build, "jax")
