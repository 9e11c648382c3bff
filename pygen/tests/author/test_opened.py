"""Files that a script reads are known, and nothing else is."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pygen.author import faults, opened


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "sub/c"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def after(script, folder):
    with opened.watching() as found:
        script()
    return {os.path.relpath(s["path"], folder): s for s in found.sources() if Path(s["path"]).is_relative_to(folder)}


def test_what_is_read_and_not_what_is_written(folder):
    def script():
        Path("a").read_text()
        open(b"sub/c", "rb").close()
        Path("new").write_text("x")
        Path("new").read_text()
        with open("b", "a") as file:
            file.write("x")
        Path("b").read_text()
        Path("made").mkdir()
        Path("sub").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir="."):  # which Linux opens by the name of the folder
            pass
        subprocess.run(["touch", "made/by"], check=True)
        Path("made/by").read_text()
        Path("gone").write_text("x")
        Path("gone").unlink()
        for missing in ("gone", "never"):
            assert not os.path.exists(missing)

    found = after(script, folder)
    assert set(found) == {"a", "sub/c"}
    assert found["a"] == {"path": str(folder / "a"), "sha256": hashlib.sha256(b"a").hexdigest()}


def test_folders(folder):
    listing = {"path": str(folder / "sub"), "listing": hashlib.sha256(b"c\nd\n").hexdigest()}
    (folder / "sub" / "d").mkdir()
    assert after(lambda: os.listdir("sub"), folder) == {"sub": listing}
    assert after(lambda: list(Path("sub").iterdir()), folder) == {"sub": listing}
    assert set(after(lambda: list(os.walk(".")), folder)) == {".", "sub", "sub/d"}


def test_an_import_lists_nothing(folder, monkeypatch):
    (folder / "beside_opened.py").write_text("A = 1")
    monkeypatch.syspath_prepend(str(folder))
    found = after(lambda: __import__("beside_opened"), folder)
    assert set(found) == {"beside_opened.py"}
    del sys.modules["beside_opened"]


def test_large_files_are_known_by_size_and_time(folder, monkeypatch):
    monkeypatch.setattr(opened, "HASHED", 3)
    (folder / "large").write_bytes(b"1234")
    os.utime(folder / "large", ns=(0, 1_700_000_000_123_456_789))
    found = after(lambda: [Path(name).read_bytes() for name in ("a", "large")], folder)
    assert "sha256" in found["a"]
    modified = "2023-11-14T22:13:20.123456789Z"
    assert found["large"] == {"path": str(folder / "large"), "bytes": 4, "modified": modified}
    monkeypatch.setattr(opened, "HASHED_IN_ALL", 1)
    found = after(lambda: [Path(name).read_bytes() for name in ("a", "b")], folder)
    assert ["sha256" in found[name] for name in ("a", "b")] == [True, False]


def test_native_readers(folder):
    import h5py
    import tensorflow as tf

    with h5py.File("weights.h5", "w") as file:
        file["x"] = np.zeros(3)
    np.save("array.npy", np.zeros(3))
    Path("image.png").write_bytes(b"x")

    def script():
        tf.io.gfile.GFile("a").read()
        tf.io.read_file("b")
        h5py.File("weights.h5").close()
        np.load("array.npy", mmap_mode="r")
        tf.data.TFRecordDataset(["image.png", "sub/c"])
        tf.data.Dataset.list_files("sub/*")
        with tf.io.gfile.GFile("out", "w") as file:
            file.write("x")

    assert set(after(script, folder)) == {"a", "b", "weights.h5", "array.npy", "image.png", "sub", "sub/c"}


def test_the_exporters_own_and_the_systems_do_not_count(folder):
    with opened.watching(own=lambda: True) as found:
        Path("a").read_text()
    assert str(folder / "a") not in {source["path"] for source in found.sources()}

    def script():
        os.listdir("/proc")
        for path in ("/proc/self/stat", "/etc/passwd", np.__file__, os.__file__, opened.__file__):
            Path(path).read_text()

    with opened.watching() as found:
        script()
    read = {source["path"] for source in found.sources()}
    assert not read & {"/proc", "/proc/self/stat", "/etc/passwd", np.__file__, os.__file__, opened.__file__}


WHERE = """
import sys
sys.path.append({root!r})
from pygen.author import faults
faults.add_home({home!r})
sys.path.append({added!r})
print([faults.is_authors(path) for path in {paths!r}])
"""


@pytest.mark.parametrize(("home", "authors"), [("scripts", [False, True, True]), ("lib/scripts", [True, True, True])])
def test_where_packages_are_installed(tmp_path, home, authors):
    paths = [tmp_path / name for name in ("lib/package.py", "added/module.py", f"{home}/train.py")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    root = str(Path(faults.__file__).parents[2])
    code = WHERE.format(root=root, home=str(tmp_path / home), added=str(tmp_path / "added"), paths=[*map(str, paths)])
    env = os.environ | {"PYTHONPATH": str(tmp_path / "lib")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == str(authors), done.stderr
