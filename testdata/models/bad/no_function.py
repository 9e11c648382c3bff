"""A file without a model: no build(), no fit, no Keras model."""

answer = 42
