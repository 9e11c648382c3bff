"""Models that were saved as FILE.keras, with their compiled state."""

import zipfile

from pygen.author.faults import located
from pygen.author.origin import Author
from pygen.errors import ExportError


def author(request):
    """Return the Author of a saved model: loss, optimizer, its state and the weights are those of the file.

    Raises ExportError.
    """
    import keras

    if not zipfile.is_zipfile(request.spec.path):
        raise ExportError(f"{request.spec.path} is no .keras file, or is damaged: save the model again")
    hint = "a model with layers of its own needs the file that defines them: --import LAYERS.py"
    with located(f"{request.spec.path} cannot be loaded ({hint})"):
        model = keras.saving.load_model(request.spec.path)
    if request.precision:
        _change_precision(model, request.precision)
    return Author(model)


def _change_precision(model, precision):
    """Give every layer another dtype policy. The weights stay as they are, in float32."""
    import keras

    for layer in model._flatten_layers():
        layer.dtype_policy = keras.dtype_policies.get(precision)
