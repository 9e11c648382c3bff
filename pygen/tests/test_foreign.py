"""The lines of Python by which `epochtime` tells to convert files that it does not read."""

import ast
import os
import pathlib
import pickle
import shlex
import subprocess
import sys
import tarfile
import zipfile

import h5py
import numpy as np
import pytest

REFUSALS = pathlib.Path(__file__).parents[2] / "harness/dataset/files/testdata/foreign.txt"


def _lines():
    for refusal in REFUSALS.read_text().splitlines():
        file, _, rest = refusal.removeprefix("cannot read the data: ").partition(" is ")
        _, found, command = rest.partition("it with: ")
        if found:
            yield file, shlex.split(command)


LINES = dict(_lines())


@pytest.mark.parametrize("file", LINES)
def test_line_is_python(file):
    python, flag, code, *arguments = LINES[file]
    assert python == "python" and arguments[-2] in {file, file.removesuffix(".gz")}
    if flag == "-c":
        ast.parse(code)
        assert "'" not in code and "\n" not in code
    else:
        assert (flag, code) in {("-m", "zipfile"), ("-m", "tarfile")}


def _run(folder, file):
    """Run the line for a file in its folder, and return what it wrote."""
    command = LINES[file]
    subprocess.run([sys.executable, *command[1:]], cwd=folder, check=True)
    return folder / command[-1]


def _arrays(folder, file):
    with np.load(_run(folder, file)) as arrays:
        return {name: arrays[name].tolist() for name in arrays}


def test_hdf5(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as f:
        f["x"] = [[1, 2], [3, 4]]
        f["more/y"] = [5, 6]
    assert _arrays(tmp_path, "a.h5") == {"x": [[1, 2], [3, 4]], "more_y": [5, 6]}


def test_matlab(tmp_path):
    with h5py.File(tmp_path / "new.mat", "w", userblock_size=512) as f:
        f["x"] = [[1, 3], [2, 4]]  # by columns
    assert _arrays(tmp_path, "new.mat") == {"x": [[1, 2], [3, 4]]}


@pytest.mark.parametrize(
    ("held", "want"),
    [
        ({"x": np.arange(2), "more": {"y": [3, 4]}}, {"x": [0, 1], "more_y": [3, 4]}),
        (((np.arange(2), [1]), (np.arange(3), [2])), {"0_0": [0, 1], "0_1": [1], "1_0": [0, 1, 2], "1_1": [2]}),
        (np.arange(2), {"x": [0, 1]}),
    ],
)
def test_pickle(tmp_path, held, want):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(held))
    assert _arrays(tmp_path, "a.pkl") == want


def test_cifar(tmp_path):
    images, labels = np.arange(2 * 3072).reshape(2, 3072).astype("u1"), [7, 8]
    batch = {"batch_label": "1", "data": images, "labels": labels}
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(batch, protocol=2))
    (tmp_path / "data_batch_1.bin").write_bytes(np.insert(images, 0, labels, axis=1).tobytes())
    for file in ("data_batch_1", "data_batch_1.bin"):
        with np.load(_run(tmp_path, file)) as arrays:
            assert arrays["x"].shape == (2, 32, 32, 3) and arrays["y"].tolist() == [7, 8]
            assert arrays["x"][1, 2, 3, 1] == images[1, 1024 + 2 * 32 + 3]


def test_archives(tmp_path):
    (tmp_path / "one").write_text("one")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        z.write(tmp_path / "one", "one")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as t:
        t.add(tmp_path / "one", "two")
    assert os.listdir(_run(tmp_path, "a.zip")) == ["one"]
    assert sorted(os.listdir(_run(tmp_path, "a.tar.gz"))) == ["one", "two"]
