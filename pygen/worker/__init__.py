"""A worker that trains in Python: Keras's own `fit`, or a plain loop, for epochtime's plans."""
