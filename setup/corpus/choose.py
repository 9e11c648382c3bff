"""Chooses scripts by the rule of README.md: python choose.py CHECKOUTS prints every candidate, and which are chosen.

CHECKOUTS is a folder with OWNER/NAME of each repository in sources.json, at its commit.
"""

import ast
import json
import re
import sys
from pathlib import Path

import reading

# What a script may import besides Python's own modules: what requirements.txt installs, and what standins/ has.
PACKAGES = {
    *("IPython", "PIL", "keras", "keras_hub", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "sklearn"),
    *("tensorflow", "keras_core", "tensorflow_datasets"),
}
BACKEND = re.compile(r"KERAS_BACKEND['\"]\]\s*=\s*['\"](\w+)")


def obstacle(source):
    """Return why a script with this code is no candidate, or None."""
    if source is None:
        return "no example that trains"
    try:
        tree = ast.parse(source)
    except SyntaxError as err:
        return f"no Python: {err.msg}"
    if not any(isinstance(n, ast.Call) and getattr(n.func, "attr", None) == "fit" for n in ast.walk(tree)):
        return "calls no fit"
    if foreign := sorted(imported(tree) - PACKAGES - sys.stdlib_module_names):
        return "imports " + ", ".join(foreign)
    if others := set(BACKEND.findall(source)) - {"tensorflow"}:
        return "sets the backend " + ", ".join(sorted(others))
    return None


def imported(tree):
    """Return the names of the packages that a script imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


def candidates(source, checkouts):
    """Yield (path, obstacle or None) of each file of a source, in the order of paths."""
    root = checkouts / source["repository"]
    for path in sorted(root.glob(source["files"])):
        yield path.relative_to(root).as_posix(), obstacle(reading.code(path, source["kind"]))


def spread(paths, take):
    """Return `take` of the paths, evenly spaced from the first."""
    return [paths[i * len(paths) // take] for i in range(take)]


def main():
    """Print a line for each file: chosen, candidate, or why not."""
    folder = Path(__file__).parent
    for source in json.loads((folder / "sources.json").read_text()):
        found = list(candidates(source, Path(sys.argv[1])))
        fit = [path for path, why in found if why is None]
        chosen = spread(fit, source["take"])
        for path, why in found:
            print(source["name"], "chosen" if path in chosen else why or "candidate", path, sep="\t")


if __name__ == "__main__":
    main()
