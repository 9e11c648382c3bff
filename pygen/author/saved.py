"""Models that were saved as FILE.keras, or as FILE.h5 by older versions of Keras, with their compiled state."""

import zipfile

from pygen.author.faults import located
from pygen.author.origin import Author
from pygen.errors import ExportError

LEGACY = ".h5"


def author(request):
    """Return the Author of a saved model: loss, optimizer, its state and the weights are those of the file.

    Raises ExportError.
    """
    import keras

    path = request.spec.path
    legacy = path.endswith(LEGACY)
    if legacy:
        _check_holds_model(path)
    elif not zipfile.is_zipfile(path):
        raise ExportError(f"{path} is no .keras file, or is damaged: save the model again")
    hint = "a model with layers of its own needs the file that defines them: --import LAYERS.py"
    with located(f"{path} cannot be loaded ({hint})"):
        model = keras.saving.load_model(path, custom_objects=_short_names() if legacy else None)
    said = Author(model)
    if legacy and getattr(model, "optimizer", None) is not None:
        model.optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        said.notices.say(
            "optimizer", "training starts without the state of the optimizer: Keras does not read an .h5's"
        )
    if request.precision:
        _change_precision(model, request.precision)
    return said


def _check_holds_model(path):
    """Raise ExportError unless the HDF5 file at `path` holds a whole model."""
    import h5py

    try:
        with h5py.File(path) as file:
            whole, weights = "model_config" in file.attrs, any(name in file for name in ("layers", "vars"))
            weights = weights or "layer_names" in file.attrs
    except OSError as error:
        raise ExportError(f"{path} is no HDF5 file, or is damaged: save the model again") from error
    if whole:
        return
    if weights:
        raise ExportError(
            f"{path} holds weights without a model: name a file with a function that builds the model and loads them, "
            "FILE.py:FUNCTION"
        )
    raise ExportError(f"{path} is an HDF5 file without a Keras model")


def _short_names():
    """Return {name: function} of Keras's short names of losses, as "mse", which older files have.

    Keras looks them up among its classes, where they are not.
    """
    import keras

    return {name: keras.losses.get(name) for name in ("bce", "kld", "mae", "mape", "mse", "msle")}


def _change_precision(model, precision):
    """Give every layer another dtype policy. The weights stay as they are, in float32."""
    import keras

    for layer in model._flatten_layers():
        layer.dtype_policy = keras.dtype_policies.get(precision)
