"""What harness/exporter/installed.py says of a Python, which the Go programs ask."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "harness" / "exporter" / "installed.py"


def answer(folder, cwd=None):
    """The answer of a Python without packages of its own, to which folder is added; as Go asks it."""
    command = [sys.executable, "-S", "-B", "-c", PROGRAM.read_text()]
    environment = {"PYTHONPATH": str(folder)}
    return json.loads(subprocess.check_output(command, env=environment, cwd=cwd or folder, text=True))


def install(folder, module, distribution=None, version="1.2.3"):
    (folder / module).mkdir()
    (folder / module / "__init__.py").write_text("raise SystemExit('it is imported')")
    if distribution:
        about = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")


def test_nothing(tmp_path):
    assert answer(tmp_path) == {
        "program": sys.executable, "version": platform.python_version(), "tensorflow": "", "library": "", "keras": "",
    }  # fmt: skip


@pytest.mark.parametrize("distribution", ["tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu"])
def test_tensorflow(tmp_path, distribution):
    install(tmp_path, "tensorflow", distribution, "2.22.0.dev1")
    got = answer(tmp_path)
    assert (got["tensorflow"], got["library"], got["keras"]) == ("2.22.0.dev1", str(tmp_path / "tensorflow"), "")


def test_keras(tmp_path):
    install(tmp_path, "keras", "keras-nightly", "3.16.0.dev2")
    assert answer(tmp_path)["keras"] == "3.16.0.dev2"


def test_unknown_version(tmp_path):
    install(tmp_path, "tensorflow")
    assert answer(tmp_path)["tensorflow"] == "of unknown version"


def test_folders_that_are_no_packages(tmp_path):
    there, installed = tmp_path / "there", tmp_path / "installed"
    there.mkdir()
    install(there, "tensorflow")  # where the program runs
    (installed / "keras").mkdir(parents=True)  # what pip leaves of one that had other files
    got = answer(installed, cwd=there)
    assert (got["tensorflow"], got["keras"]) == ("", "")
