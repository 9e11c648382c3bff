"""Export the training step of Keras models as SavedModels that epochtime can time."""
