"""Random weights of keras.applications, in the files that it downloads: weights.py MODEL FILE, in a process of its own.

The process is its own because a model made for this would change the names of the script's layers.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODELS = {"inception_v3": "InceptionV3", "resnet50": "ResNet50"}


def file(name):
    """Return the bytes of a file with the weights of a model without its top."""
    model = name.split("_weights_")[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        command = [sys.executable, "-m", "corpus_data.weights", MODELS[model], path]
        subprocess.run(command, check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, capture_output=True)
        return path.read_bytes()


def write(model, path):
    """Write the file."""
    import h5py
    import keras
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as target:
        legacy_h5_format.save_weights_to_hdf5_group(
            target, getattr(keras.applications, model)(weights=None, include_top=False)
        )


if __name__ == "__main__":
    write(*sys.argv[1:3])
