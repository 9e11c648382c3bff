"""The training step: traced, counted, kept on the device, compared with Keras."""
