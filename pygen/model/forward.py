"""The forward pass, the loss and its gradients of a compiled Keras model, as the training of Keras computes them."""


def call(model, x):
    """Return the outputs of the model in training."""
    return model(x, training=True) if model._call_has_training_arg else model(x)


def compute_loss(model, x, y, predicted, sample_weight):
    """Return the loss, a scalar, with what layers add to it."""
    return model._compute_loss(x=x, y=y, y_pred=predicted, sample_weight=sample_weight, training=True)


def gradients(model, x, y, sample_weight):
    """Return (loss, gradients of the trainable weights, outputs) of a batch. Gradients are scaled as the loss is."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        predicted = call(model, x)
        loss = compute_loss(model, x, y, predicted, sample_weight)
        scaled = model.optimizer.scale_loss(loss)
    return loss, tape.gradient(scaled, model.trainable_weights), predicted


def update_metrics(model, x, y, predicted, sample_weight):
    """Update the metrics that a model was compiled with or has itself, as Keras's train_step does after a step."""
    if model._compile_metrics is not None or overrides(model, "compute_metrics"):
        model.compute_metrics(x, y, predicted, sample_weight=sample_weight)


def overrides(model, method):
    """Report whether the class of the model overrides a method of keras.Model."""
    import keras

    return getattr(type(model), method) is not getattr(keras.Model, method)


def has_own_step(model):
    """Report whether the class of the model overrides train_step."""
    return overrides(model, "train_step")
