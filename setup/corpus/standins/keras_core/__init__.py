"""Keras under the name it had before it was Keras 3."""

import sys

import keras

for _name, _module in list(sys.modules.items()):
    if _name.startswith("keras.") and not _name.startswith(("keras.src", "keras._tf_keras")):
        sys.modules["keras_core" + _name[len("keras") :]] = _module
sys.modules["keras_core"] = keras
