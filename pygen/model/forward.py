"""The forward pass and the loss of a compiled Keras model, as Keras's own training computes them."""


def call(model, x):
    """Return the model's outputs as in training."""
    return model(x, training=True) if model._call_has_training_arg else model(x)


def compute_loss(model, x, y, predicted, sample_weight):
    """Return the loss, a scalar, with whatever layers add to it."""
    return model._compute_loss(x=x, y=y, y_pred=predicted, sample_weight=sample_weight, training=True)


def overrides(model, method):
    """Tell whether the model's class has a method of its own in place of Keras's."""
    import keras

    return getattr(type(model), method) is not getattr(keras.Model, method)


def has_own_step(model):
    """Tell whether the model's class overrides Keras's train_step."""
    return overrides(model, "train_step")
