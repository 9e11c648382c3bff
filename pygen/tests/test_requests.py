"""What the manifest of a graph keeps of its request, and the request that is made of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from pygen import cli, options, requests
from pygen.author import origin
from pygen.errors import ExportError
from pygen.tests.conftest import DIGITS


def request(model, *words):
    chosen = options.chosen(cli.parser().parse_args(["export", model, *words]))
    return requests.make(origin.parse(model), chosen, None)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "saved.keras", "layers.py"):
        Path(name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("lstm", ["--optimizer", "sgd", "--learning-rate", "0.01"]),
        ("train.py", ["--script-arg=--width", "--script-arg=6 4"]),
        ("train.py:make", ["--arg", "width=8", "--input-shape", "28,28,1"]),
        ("saved.keras", ["--import", "layers.py"]),
        ("keras:ResNet50", ["--classes", "10"]),
        ("module:package.train", []),
    ],
)
def test_a_request_is_made_again_from_another_folder(files, monkeypatch, model, words):
    made = request(model, *words)
    described = requests.described(made)
    monkeypatch.chdir("/")
    again = requests.remade(described)
    assert again.folder == str(files)
    assert again.spec.kind == made.spec.kind and again.spec.function == made.spec.function
    if made.spec.path:
        assert Path(again.spec.path) == files / made.spec.path
    same = replace(made, imports=tuple(str(files / file) for file in made.imports))
    assert {key: getattr(again, key) for key in options.table()} == {key: getattr(same, key) for key in options.table()}
    assert requests.described(again) == described


def test_the_data_of_a_built_in_model_has_a_whole_path(monkeypatch):
    monkeypatch.chdir(DIGITS.parent)
    described = requests.described(request("mlp", "--data", DIGITS.name))
    assert described["options"] == [f"--data={DIGITS}"]
    assert requests.remade(described).source.available() == request("mlp", "--data", DIGITS.name).source.available()


@pytest.mark.parametrize("change", [{"options": ["--later"]}, {"options": ["--parts=x"]}, {"model": None}])
def test_an_origin_of_another_version(change):
    described = requests.described(request("mlp")) | change
    with pytest.raises(ExportError, match="export it again"):
        requests.remade({key: value for key, value in described.items() if value is not None})
