"""The Python code of a script, of a notebook, and of an example in a docstring."""

import ast
import json
import re

# Cell magics whose cell is Python all the same.
PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")
# What an example in KerasHub's documentation takes for granted.
TAKEN_FOR_GRANTED = (
    "import io\n\nimport keras\nimport keras_hub\nimport numpy as np\nimport sentencepiece\nimport tensorflow as tf\n\n"
)
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
SHELL_LINE = re.compile(r"\s*[!%]")


def code(path, kind):
    """Return the Python code of the file at `path`, or None if it has none."""
    text = path.read_text(encoding="utf-8")
    if kind == "notebook":
        return notebook(text)
    if kind == "docstring":
        return docstring(text)
    return text


def notebook(text):
    """Return the code of a notebook's cells in order, without the lines that are meant for the shell or IPython."""
    cells = ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
    return "\n".join(_cell(cell) for cell in cells)


def docstring(text):
    """Return the first example in a class's docstring that trains without downloading a preset, or None."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            for example in EXAMPLE.findall(ast.get_docstring(node) or ""):
                if ".fit(" in example and "from_preset(" not in example:
                    return TAKEN_FOR_GRANTED + example
    return None


def _cell(cell):
    first = cell.lstrip().split("\n", 1)[0]
    if first.startswith("%%") and not first.startswith(PYTHON_CELLS):
        return ""
    lines, goes_on = [], False
    for line in cell.split("\n"):
        shell = goes_on or SHELL_LINE.match(line)
        goes_on = bool(shell) and line.endswith("\\")
        lines.append(re.match(r"\s*", line)[0] + "pass" if shell else line)
    return "\n".join(lines)
