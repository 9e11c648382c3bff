"""A folder is replaced as a whole, by the same model only, or stays as it was."""

import json
import shutil
import signal
import subprocess
import time
from types import SimpleNamespace

import pytest

from pygen import cli, isolate
from pygen.errors import ExportError
from pygen.folder import publish
from pygen.tests.conftest import ROOT, command, content, manifest, pygen, pygen_many


@pytest.fixture
def old(graphs, tmp_path):
    """A folder of graphs of its own, with one graph."""
    shutil.copytree(graphs / "linear", tmp_path / "out" / "linear")
    return tmp_path / "out"


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_replacing(old):
    """The same graph again, over a damaged one, and another model under its name without and with --force."""
    (old / "copy").mkdir()
    shutil.copytree(old / "linear", old / "damaged")
    (old / "damaged" / "saved_model.pb").write_bytes(b"damaged")
    described = manifest(old / "damaged")
    (old / "damaged" / "graph.json").write_text(json.dumps(described | {"name": "damaged"}))
    (old / "thesis").mkdir()
    (old / "thesis" / "thesis.txt").write_text("years of work")
    before = content(old)
    other = ["export", "linear", "--learning-rate", "0.5", "--out", old]
    same, damaged, thesis, refused = pygen_many(
        ["export", "linear", "--out", old],
        ["export", "linear", "--out", old, "--name", "damaged"],
        [*other, "--name", "thesis", "--force"],
        [*other, "--name", "linear"],
    )
    assert same[0] == 0 and "(unchanged)" in same[1]
    assert damaged[0] == 0 and "(replaced)" in damaged[1]
    assert content(old / "damaged").keys() == content(old / "linear").keys()
    assert manifest(old / "damaged") == described | {"name": "damaged"}
    assert thesis[0] == 1 and "is not a graph" in thesis[2]
    assert refused[0] == 1 and "--force" in refused[2] and "--name" in refused[2] and refused[1] == ""
    after = content(old)
    assert {p: after[p] for p in before if p.parts[0] != "damaged"} == {
        p: before[p] for p in before if p.parts[0] != "damaged"
    }
    assert names(old) == ["copy", "damaged", "linear", "thesis"]

    [(code, printed, errors)] = pygen_many([*other, "--name", "linear", "--force"])
    assert code == 0 and "(replaced)" in printed, errors
    assert manifest(old / "linear")["model"]["optimizer"]["settings"]["learning_rate"] == 0.5
    assert names(old) == ["copy", "damaged", "linear", "thesis"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["model"].update(architecture="x"), "architecture x"),
        (lambda m: m["variant"].update(jit=True), "jit True"),
        (lambda m: m["variant"].update(batch=8), "batch 8"),
        (lambda m: m["model"]["optimizer"]["settings"].update(momentum=0.5), "momentum 0.5"),
        (lambda m: m["data"].update(kind="file", path="a.npz", sha256="1"), "data a.npz"),
        (lambda m: m.clear(), "architecture None"),
    ],
)
def test_what_counts_as_another(graphs, change, words):
    new, before = manifest(graphs / "linear"), manifest(graphs / "linear")
    assert publish.difference(before, new) == ""
    change(before)
    assert words in publish.difference(before, new)


def test_data_file_may_move_or_change(variants):
    new = manifest(variants / "cnn-digits")
    moved = new | {"data": new["data"] | {"path": "elsewhere.npz"}}
    changed = new | {"data": new["data"] | {"sha256": "0"}}
    assert publish.difference(moved, new) == publish.difference(changed, new) == ""
    both = new | {"data": new["data"] | {"sha256": "0", "path": "elsewhere.npz"}}
    assert "data elsewhere.npz" in publish.difference(both, new)


def test_what_is_no_graph_is_never_replaced(tmp_path):
    (tmp_path / "linear").mkdir()
    (tmp_path / "linear" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("linear", "file", "link"):
        with pytest.raises(ExportError, match="is not a graph"):
            publish.check_is_graph(tmp_path / name)
    publish.check_is_graph(tmp_path / "free")


def test_unreadable_manifest_needs_force(tmp_path):
    (tmp_path / "graph.json").write_text("{")
    publish.check_is_graph(tmp_path)
    with pytest.raises(ExportError, match="no readable graph.json"):
        publish.check_replaceable(tmp_path, {})


def test_full_disk(old):
    before = content(old)
    done = pygen("export", "linear", "rnn", "--out", old, prefix=("sh", "-c", 'ulimit -f 200; exec "$@"', "sh"))
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert "(unchanged)" in done.stdout  # the small one still fits
    assert content(old) == before
    assert names(old) == ["linear"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(number, old):
    before = content(old)
    process = subprocess.Popen(
        command("export", "linear", "--out", old, "--force"), cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and len(list(old.iterdir())) == 1:
        time.sleep(0.005)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert content(old) == before
    assert names(old) == ["linear"]


def test_second_rename_fails(old, tmp_path, monkeypatch):
    before = content(old)
    work = tmp_path / "out" / ".work"
    work.mkdir()
    (work / "graph.json").write_text("{}")
    path = type(work)
    rename = path.rename

    def fail(self, target):
        if self == work:
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(path, "rename", fail)
    with pytest.raises(OSError, match="no"):
        publish.place(work, old / "linear")
    monkeypatch.undo()
    (work / "graph.json").unlink()
    work.rmdir()
    assert content(old) == before
    assert names(old) == ["linear"]


def test_one_failure_does_not_lose_the_others(tmp_path, monkeypatch, capsys):
    described = {"model": {"parameters": 1, "flops_per_example": 1}, "sha256": "0" * 64, "settings": {"samples": 1}}

    def fake(function, request, work, home):
        if request.spec.text == "cnn":
            raise isolate.CrashError("the exporting process was ended by SIGSEGV", "line\n" * 9)
        if request.spec.text == "rnn":
            raise ExportError("rnn does not train as Keras does")
        (work / "graph.json").write_text("{}")
        return SimpleNamespace(manifest=described | {"name": request.name}, notices=[], sources=[])

    monkeypatch.setattr(isolate, "run", fake)
    monkeypatch.setattr(isolate, "import_tensorflow", lambda: None)
    monkeypatch.setattr(cli, "notice_samples", lambda *_: None)
    assert cli.main(["export", "linear", "cnn", "rnn", "gru", "--out", str(tmp_path)]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gru", "linear"]
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "cnn: the exporting process was ended by SIGSEGV" in err
    assert err.count("line") == 5
    assert "rnn does not train" in err


def test_debug_shows_the_whole_log(capsys):
    cli.report_crash("cnn", isolate.CrashError("x", "line\n" * 9), debug=True)
    assert capsys.readouterr().err.count("line") == 9


def test_a_traceback_is_in_the_whole_log_only(capsys):
    log = "loading\nno such table\nTraceback (most recent call last):\n  File\nValueError: x\n"
    cli.show_log(log, debug=False)
    assert capsys.readouterr().err == "  loading\n  no such table\n  (--debug shows the whole log)\n"
    cli.show_log(log, debug=True)
    assert "ValueError" in capsys.readouterr().err
    cli.show_log("", debug=False)
    assert capsys.readouterr().err == ""
