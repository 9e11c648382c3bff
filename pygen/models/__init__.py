"""Built-in models, one file each.

The file of a model has three names:

- `build(...)` returns a compiled Keras model. The exporter sets the parameters with these names: `input_shape` (of one
  example), `classes`, `vocabulary`, `length` (None is free) and `unroll`;
- `DATA`, a `data.Recipe`, draws synthetic examples;
- `SETTINGS`, a `data.Settings`, has the defaults of a run.
"""
