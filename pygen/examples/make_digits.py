"""Make testdata/digits.npz from the copy of the handwritten digits that scikit-learn carries.

    python -m pygen.examples.make_digits [FILE]

scikit-learn is needed for this alone.
"""

import sys

import numpy as np


def make(path):
    """Write x, uint8 (1797, 8, 8) with values 0–16, and y, uint8 (1797,), to `path`. Raises OSError."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.savez_compressed(path, x=digits.images.astype(np.uint8), y=digits.target.astype(np.uint8))


if __name__ == "__main__":
    make(sys.argv[1] if len(sys.argv) > 1 else "testdata/digits.npz")
