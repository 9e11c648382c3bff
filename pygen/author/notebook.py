"""Jupyter notebooks as scripts: their code cells one after another, without what only Jupyter understands."""

import importlib.util
import io
import json
import re
import sys
import tokenize
import types

from pygen.errors import ExportError

_KEPT = {"time", "timeit", "capture", "prun"}  # cell and line magics around code that runs without them
_SILENT = {"matplotlib", "load_ext", "autoreload", "config", "pylab", "tensorboard", "reload_ext"}
_MAGIC = re.compile(r"(?P<indent>\s*)(?P<target>[\w, ]+=\s*)?(?P<mark>%{1,2}|!{1,2}|\?)(?P<rest>[^\n]*)")
_HELP = re.compile(r"(?P<indent>\s*)%{0,2}[\w.*]+\?{1,2}\s*")  # Jupyter shows what a name is


def read(path, notices):
    """Return the code of the notebook at `path`: its cells. What of them is left out is said to the `Notices`.

    A line of the code is one of the cells' lines, counted through all of them. Raises ExportError, OSError.
    """
    with open(path, encoding="utf-8") as file:
        try:
            notebook = json.load(file)
        except ValueError as error:
            raise ExportError(f"{path} is no notebook: {error}") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise ExportError(f"{path} is no notebook of format 4: open it in Jupyter and save it again")
    language = notebook.get("metadata", {}).get("language_info", {}).get("name", "python")
    if language != "python":
        raise ExportError(f"{path} is a notebook in {language}, and not in Python")
    left_out, texts = [], []
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = cell.get("source", "")
            texts.append(_code("".join(source), left_out))
    if told := ", ".join(dict.fromkeys(left_out)):
        notices.say("notebook", f"lines that only Jupyter understands are left out: {told}")
    return "\n".join(texts) + "\n"


def _code(cell, left_out):
    """Return the text of a cell as Python with as many lines; what is left out is added to the list."""
    if _parses(cell):
        return cell
    lines = cell.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name = (lines[first][2:].split() or [""])[0]
        if name not in _KEPT:
            left_out.append(f"%%{name}")
            return "\n".join("#" for _ in lines)
        lines[first] = "#"
    done, continued = [], False
    for line in lines:
        if (helped := _HELP.fullmatch(line)) and not _is_open(done):
            left_out.append("?")
            line = f"{helped['indent']}None"
        found = _MAGIC.fullmatch(line)
        if continued or found and not _is_open(done):
            continued = line.endswith("\\")
            line = _replaced(found, left_out) if found else "#"
        done.append(line)
    return "\n".join(done)


def _parses(text):
    try:
        compile(text, "cell", "exec", flags=0x400)  # ast.PyCF_ONLY_AST
    except (SyntaxError, ValueError):
        return False
    return True


def _is_open(lines):
    """Report whether the next line is inside brackets or a string that these lines open."""
    try:
        list(tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline))
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False
    return bool(lines) and lines[-1].endswith("\\")


def _replaced(found, left_out):
    """Return the Python for one line that is a magic or a command of the shell."""
    indent, target, mark, rest = found["indent"], found["target"] or "", found["mark"], found["rest"]
    name, _, argument = rest.partition(" ")
    argument = argument.strip()
    if mark == "%" and name in _KEPT and argument and not argument.startswith("-"):
        return f"{indent}{target}{argument}"
    if mark == "%" and name == "cd" and argument:
        return f"{indent}__import__('os').chdir({argument!r})"
    if mark == "%" and name in ("env", "set_env") and "=" in argument:
        key, _, value = argument.partition("=")
        return f"{indent}__import__('os').environ[{key.strip()!r}] = {value.strip()!r}"
    if mark == "?":
        left_out.append(mark)
    elif name not in _SILENT:
        left_out.append(f"{mark}{name}")
    return f"{indent}{target}None"


_IPYTHON = ("IPython", "IPython.display", "IPython.core", "IPython.core.display")
_COLAB = ("google.colab", "google.colab.drive", "google.colab.files")


class _Nothing:
    """Stands in for what shows things: it can be called, and has every attribute."""

    def __call__(self, *arguments, **keywords):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class _StandIn(types.ModuleType):
    """Stands in for IPython where it is not installed, and for Colab."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


def names():
    """Return the names that Jupyter gives a notebook, as things that show nothing."""
    return {"display": _Nothing(), "get_ipython": _Nothing()}


def stand_ins():
    """Return {name: module} of modules that notebooks import to show things, or to reach Colab, which is not here."""
    found = {name: _StandIn(name) for name in _COLAB}
    if "IPython" not in sys.modules and importlib.util.find_spec("IPython") is None:
        found |= {name: _StandIn(name) for name in _IPYTHON}
    return found
