"""A build() that returns something else."""


def build():
    """Return no model."""
    return 7
