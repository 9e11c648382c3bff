"""Built-in models, one file each.

A model file holds three names and nothing else is asked of it:

- `build(...)` returns a compiled Keras model. Parameters with these names are set by the exporter:
  `input_shape` (of one example), `classes`, `vocabulary`, `length` (None is free) and `unroll`;
- `DATA`, a `data.Recipe`: how synthetic examples are drawn;
- `SETTINGS`, a `data.Settings`: the defaults of a run.
"""
