"""The built-in Keras models at a work folder's start weights."""

import importlib


def build(work):
    """Return the compiled model."""
    model = importlib.import_module(f"pygen.models.{work.model}").build()
    model.set_weights(work.weights())
    return model
