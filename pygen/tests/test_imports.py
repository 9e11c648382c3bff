"""Imports go one way, between the rooms of pygen and between its modules."""

import ast
import subprocess
import sys
from pathlib import Path

PYGEN = Path(__file__).resolve().parents[1]

# What each room may import of the others. The modules at the top, which join the rooms, are one room without a name;
# the tests may import everything. peers are workers of their own, beside the exporter.
ROOMS = {
    "errors": set(),
    "examples": {"errors"},
    "models": {"examples"},
    "author": {"errors", "examples", "models"},  # models by name: origin.module_of
    "model": {"errors", "examples", "author"},
    "training": {"errors", "examples", "author", "model"},
    "folder": {"errors", "model", "training"},
    "": {"errors", "examples", "author", "model", "training", "folder"},
    "worker": {"", "errors", "examples", "author", "model", "training", "folder"},
    "peers": {"worker"},
}
TOP = "pygen"


def modules():
    """Return {dotted name: path} of every module but the tests."""
    found = {}
    for path in PYGEN.rglob("*.py"):
        parts = path.relative_to(PYGEN.parent).with_suffix("").parts
        if "tests" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(text, known):
    """Return the modules among `known` that a module with this text imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    found = {name for name in names if name in known and name != TOP}
    # `from pygen.model import derive` names the package on the way to the module.
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def room(module):
    """Return the room of a module: its package, "" at the top; `pygen.errors` is one by itself."""
    parts = module.split(".")[1:]
    if parts == ["errors"]:
        return "errors"
    return parts[0] if module.count(".") > 1 or (PYGEN / "/".join(parts)).is_dir() and parts else ""


def circle(graph):
    """Return the modules of one circle of a graph {module: modules that it imports}, [] if there is none."""
    done = set()

    def visit(module, path):
        if module in path:
            return path[path.index(module) :] + [module]
        if module in done:
            return []
        done.add(module)
        return next((found for other in sorted(graph[module]) if (found := visit(other, [*path, module]))), [])

    return next((found for module in sorted(graph) if (found := visit(module, []))), [])


GRAPH = {module: imported(path.read_text(encoding="utf-8"), MODULES) for module, path in MODULES.items()}


def test_every_room_is_in_the_table():
    assert {room(module) for module in MODULES} == set(ROOMS)


def test_each_module_imports_only_what_its_room_may():
    wrong = [
        f"{module} imports {other}"
        for module, others in sorted(GRAPH.items())
        for other in sorted(others)
        if room(other) not in ROOMS[room(module)] | {room(module)}
    ]
    assert wrong == []


def test_no_circle_of_modules():
    assert circle(GRAPH) == []


def test_no_circle_of_rooms():
    assert circle(ROOMS) == []


def test_circles_and_inner_imports_are_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    known = {"pygen", "pygen.model", "pygen.model.derive", "pygen.errors", "pygen.author.origin"}
    text = (
        "from pygen.model import derive\ndef f():\n from pygen.errors import ExportError\n import pygen.author.origin"
    )
    assert imported(text, known) == {"pygen.model.derive", "pygen.errors", "pygen.author.origin"}
    assert imported("import numpy\nfrom pygen import model", known) == {"pygen.model"}


def test_the_command_line_imports_no_tensorflow():
    """It is imported later, quietly, and with what steers it set."""
    code = "import sys, pygen.cli; sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PYGEN.parent).returncode == 0
