"""What a Keras model takes and computes: its columns, loss and optimizer, and other forms of its layers."""
