"""A model file that fails while it builds."""


def build():
    """Raise."""
    layers = {"dense": 3}
    return layers["conv"]
