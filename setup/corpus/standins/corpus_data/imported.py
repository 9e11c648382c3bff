"""Changes a module as soon as a script imports it, and imports nothing by itself."""

import importlib.abc
import importlib.util
import sys


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Runs one module as always, then calls `change` with it. It goes into sys.meta_path, and leaves it by itself."""

    def __init__(self, name, change):
        self.name, self.change = name, change

    def find_spec(self, name, path=None, target=None):
        """Return a spec for that one module."""
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        self.spec = importlib.util.find_spec(name)
        return importlib.util.spec_from_file_location(name, self.spec.origin, loader=self)

    def create_module(self, spec):
        """Leave it to Python."""

    def exec_module(self, module):
        """Run the module, then change it."""
        self.spec.loader.exec_module(module)
        self.change(module)
