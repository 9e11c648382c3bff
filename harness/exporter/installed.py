"""Prints as JSON which Python this is and what is installed for it, of which it imports nothing."""

import importlib.metadata
import importlib.util
import json
import platform
import sys

sys.path = [folder for folder in sys.path if folder]  # a folder tensorflow where the program runs is no package


def version(module, *distributions):
    """The version of a package that may be installed under several names, or "" if it is not."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    for name in distributions:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return "of unknown version"


tensorflow = version("tensorflow", "tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu", "tensorflow-rocm")
print(
    json.dumps(
        {
            "program": sys.executable,
            "version": platform.python_version(),
            "tensorflow": tensorflow,
            "library": importlib.util.find_spec("tensorflow").submodule_search_locations[0] if tensorflow else "",
            "keras": version("keras", "keras", "keras-nightly"),
        }
    )
)
