"""Scripts whose fit is given a tf.data pipeline, one of each kind, and the epochs of each from Go and in Python."""
