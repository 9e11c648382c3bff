"""Keras 2, of the package tf_keras: an author's file that imports it is told what to do.

A file that falls back on Keras 3 when the import fails goes on. Packages may import tf_keras for ends of their own.
"""

import sys
from importlib.abc import MetaPathFinder

from pygen.author import faults

NAME = "tf_keras"


class _Finder(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == NAME and faults.is_authors(_importing()):
            raise ImportError(f"{NAME} is Keras 2, whose models cannot be exported: import keras, which is Keras 3")
        return None


def refuse():
    """Make each import of tf_keras in a file of the author fail."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _importing():
    """Return the file whose import statement is being carried out."""
    frame = sys._getframe(2)
    while frame and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame.f_code.co_filename if frame else ""
