"""Where a model comes from: built in, a file of its author, a saved model, keras.applications."""
