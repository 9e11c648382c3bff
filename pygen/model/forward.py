"""The forward pass and the loss of a compiled Keras model, as the training of Keras computes them."""


def call(model, x):
    """Return the outputs of the model in training."""
    return model(x, training=True) if model._call_has_training_arg else model(x)


def compute_loss(model, x, y, predicted, sample_weight):
    """Return the loss, a scalar, with what layers add to it."""
    return model._compute_loss(x=x, y=y, y_pred=predicted, sample_weight=sample_weight, training=True)


def overrides(model, method):
    """Report whether the class of the model overrides a method of keras.Model."""
    import keras

    return getattr(type(model), method) is not getattr(keras.Model, method)


def has_own_step(model):
    """Report whether the class of the model overrides train_step."""
    return overrides(model, "train_step")
