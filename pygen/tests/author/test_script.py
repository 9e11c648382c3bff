"""Scripts run as Python runs them, whatever they do, and leave the process as it was."""

import json
import subprocess
import sys

import pytest

from pygen.tests.conftest import ROOT

# Runs a script in a process that looks like the exporter's, and says how it went and what has changed.
RUNNER = """
import json, os, sys
sys.path.insert(0, {root!r})
from pygen.author import script
from pygen.author.limit import EndlessError, Limit
from pygen.author.notices import Notices

def state():
    main = sys.modules["__main__"]
    return [sys.path[:], sys.argv[:], os.getcwd(), id(main), id(sys.stdin), id(sys.stdout), os.environ.get("DISPLAY")]

before, notices = state(), Notices()
try:
    found = script.run_as_main(*{call!r}, limit=Limit({limit!r}), notices=notices)
    outcome = {{k: v for k, v in found.items() if isinstance(v, (str, int, float, list, bool)) and k[0] != "_"}}
except BaseException as error:
    outcome = f"{{type(error).__name__}}: {{error}}"
print(json.dumps([outcome, notices, before == state()]), flush=True)
os._exit(0)
"""


@pytest.fixture
def run(tmp_path):
    """A function that writes files, runs a script in the folder, and returns (namespace or error, notices)."""

    def go(name, text, *arguments, limit=60, **files):
        for path, content in {name: text, **files}.items():
            if not path.startswith("module:"):
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(content)
        code = RUNNER.format(root=str(ROOT), call=[name, list(arguments)], limit=limit)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, input="typed\n"
        )
        assert done.returncode == 0, done.stderr
        go.errors = done.stderr
        outcome, notices, same = json.loads(done.stdout.splitlines()[-1])
        assert same, "the process is as before"
        return outcome, notices

    return go


SHOW = "import os, sys\nargv, here, first, name, file = sys.argv[:], os.getcwd(), sys.path[0], __name__, __file__\n"


def test_as_python_runs_a_file(run, tmp_path):
    found, _ = run(
        "sub/train.py",
        SHOW + "import beside\nfrom_beside = beside.A\n",
        "--width",
        "64",
        **{"sub/beside.py": "A = 3\n"},
    )
    assert found == {
        "argv": ["sub/train.py", "--width", "64"],
        "here": str(tmp_path),
        "first": str(tmp_path / "sub"),
        "name": "__main__",
        "file": str(tmp_path / "sub" / "train.py"),
        "from_beside": 3,
    }


def test_the_exporters_folder_is_not_in_the_path(run):
    found, _ = run("a.py", "import sys\npath = sys.path\n")
    assert str(ROOT) not in found["path"]


def test_a_module_with_relative_imports(run, tmp_path):
    files = {
        "pkg/__init__.py": "",
        "pkg/train.py": SHOW + "from . import other\nb = other.B\n",
        "pkg/other.py": "B = 4\n",
    }
    found, _ = run("module:pkg.train", "", "x", **files)
    assert found["b"] == 4
    assert found["argv"] == [str(tmp_path / "pkg" / "train.py"), "x"]
    assert found["first"] == str(tmp_path)


@pytest.mark.parametrize("name", ["module:pkg.none", "module:none"])
def test_no_such_module(run, name):
    outcome, _ = run(name, "", **{"pkg/__init__.py": ""})
    assert outcome.startswith("ExportError: -m") and "no such module" in outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("exit()", "SystemExit: None"),
        ("import os; os._exit(4)", "SystemExit: 4"),
        (
            "import argparse; p = argparse.ArgumentParser(); p.add_argument('--data', required=True); p.parse_args()",
            "SystemExit: 2",
        ),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x = (", "SyntaxError: '(' was never closed"),
        (
            "name = input('Your name? ')",
            "NoInputError: the script asks for input (Your name?), which cannot be answered",
        ),
        ("import getpass; getpass.getpass()", "NoInputError: the script asks for input"),
    ],
)
def test_how_scripts_end(run, text, outcome):
    assert run("a.py", text)[0].startswith(outcome)


def test_the_standard_input_is_empty(run):
    child = "child = subprocess.run(['cat'], capture_output=True, text=True).stdout\n"
    assert run("a.py", f"import subprocess, sys\nown = sys.stdin.read()\n{child}")[0] == {"own": "", "child": ""}


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "import time\nwhile True: time.sleep(1000)",
        "import time\nwhile True:\n  try: time.sleep(1000)\n  except Exception: pass",
        "from http.server import *\nHTTPServer(('127.0.0.1', 0), BaseHTTPRequestHandler).serve_forever()",
        "import threading\nthreading.Event().wait()",
    ],
)
def test_a_script_without_end(run, loop):
    assert run("a.py", loop, limit=0.3)[0] == "EndlessError: it goes on for 0.3 seconds without training"


def test_changes_folder_and_streams(run):
    text = "import os, sys\nos.makedirs('x')\nos.chdir('x')\nsys.stdout = open('log', 'w')\n"
    assert run("a.py", f"{text}sys.argv.append(1)\nsys.path.clear()\n")[0] == {}


def test_plots_and_browsers_open_nothing(run):
    text = "import os, webbrowser\nbackend, screen = os.environ['MPLBACKEND'], 'DISPLAY' in os.environ\nopened = webbrowser.open('http://x')\n"
    found, _ = run("a.py", text)
    assert (found["backend"], found["screen"]) == ("Agg", False)


POOL = """
import multiprocessing as mp
def double(x): return 2 * x
if __name__ == "__main__":
    main = mp.parent_process() is None and mp.current_process().name == "MainProcess"
    with mp.get_context("{method}").Pool(2) as pool:
        doubled = pool.map(double, [1, 2])
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(run, method):
    assert run("a.py", POOL.format(method=method))[0] == {"doubled": [2, 4], "main": True}, run.errors


def test_a_fork_that_comes_back(run):
    assert run("a.py", "import os\nn = os.fork()\nif n: os.waitpid(n, 0)\nchild = n == 0\n")[0]["child"] is False


def test_processes_left_behind_are_ended(run):
    text = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '600']).pid\n"
        "grandchild = int(subprocess.run(['sh', '-c', 'setsid sleep 600 >&2 & echo $!'], stdout=-1).stdout)\n"
    )
    found, _ = run("a.py", text)
    for pid in found.values():
        assert subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode != 0


def test_threads_left_behind(run):
    assert run("a.py", "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\nx = 1\n")[
        0
    ] == {"x": 1}


def notebook(*cells):
    cells = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "# x"}, *cells]})


CELLS = notebook(
    "%matplotlib inline\n!pip install x \\\n  y\nimport sys\na = 1",
    "%%time\nb = a + 1\nfiles = !ls\n",
    "%%bash\nrm -rf x",
    "if a:\n    %time c = 3\n    !ls\nd = ('%d'\n% a)\n",
    "%env A_NAME=5\nimport os\ne = os.environ['A_NAME']",
    "from IPython.display import clear_output\nclear_output(wait=True)",
    "a?\nif a:\n    os.path??\n?a\n%timeit?",
    "from google.colab import drive\ndrive.mount('/content')\nimport google.colab.files",
    "display(a)\nget_ipython().system('x')\nf = '''\n%time\n'''\n%load_ext x\n",
)


def test_a_notebook(run):
    found, notices = run("n.ipynb", CELLS)
    assert found == {"a": 1, "b": 2, "c": 3, "d": "1", "e": "5", "f": "\n%time\n"}
    assert notices == [
        {"about": "notebook", "text": "lines that only Jupyter understands are left out: !pip, !ls, %%bash, ?"}
    ]


def test_lines_of_a_notebook(run):
    catch = "try:\n    1 / 0\nexcept Exception as e:\n    f = traceback.extract_tb(e.__traceback__)[0]\n"
    text = notebook("a = 1\nb = 2", f"%%time\nimport traceback\n{catch}    line, text = f.lineno, f.line")
    assert run("n.ipynb", text)[0] == {"a": 1, "b": 2, "line": 6, "text": "1 / 0"}


def test_autograph_reads_a_notebook(run):
    code = "import inspect, linecache\ndef f(x):\n    return x\n"
    forced = "linecache.checkcache()\nfile = '__file__' in globals()\nsource = inspect.getsource(f)\n"
    found, _ = run("n.ipynb", notebook("a = 1", code + forced))
    assert found == {"a": 1, "file": False, "source": "def f(x):\n    return x\n"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "n.ipynb is no notebook: "),
        ("[]", "n.ipynb is no notebook of format 4"),
        ('{"worksheets": []}', "n.ipynb is no notebook of format 4"),
        ('{"cells": [], "metadata": {"language_info": {"name": "R"}}}', "n.ipynb is a notebook in R"),
    ],
)
def test_no_notebook(run, text, reason):
    assert run("n.ipynb", text)[0].startswith(f"ExportError: {reason}")
