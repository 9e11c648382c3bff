import re
import subprocess
import sys

import numpy as np
import pytest

from pygen import cli, options
from pygen.author import origin
from pygen.tests.conftest import ROOT, pygen, pygen_many

ISOLATE = """
import os, signal, sys
from pygen import isolate
from pygen.errors import UsageError

def wrong(): raise UsageError("wrong use")
def bug(): os.write(1, b"native chatter"); print("python chatter", flush=True); return 1 / 0
def leave(): os.write(2, b"last words"); os._exit(3)
def die(): os.kill(os.getpid(), signal.SIGKILL)
def full(): raise OSError(28, "No space left on device", "file")

isolate.import_tensorflow()
assert isolate.run(pow, 2, 5) == 32
for function in (wrong, bug, leave, die, full):
    try:
        isolate.run(function)
    except Exception as error:
        print(function.__name__, type(error).__name__, error, getattr(error, "log", "").splitlines()[:1])
"""


def test_isolate():
    done = subprocess.run([sys.executable, "-c", ISOLATE], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "wrong UsageError wrong use []",
        "bug CrashError ZeroDivisionError: division by zero ['native chatterpython chatter']",
        "leave CrashError the exporting process ended with exit code 3 ['last words']",
        "die CrashError the exporting process was ended by SIGKILL []",
        "full ExportError [Errno 28] No space left on device: 'file' []",
    ]


def test_models():
    done = pygen("models")
    assert done.returncode == 0
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == sorted(origin.built_in())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cnnn"], "no model is named cnnn; did you mean cnn?"),
        (["cnn", "xyzzy"], "no model is named xyzzy; there are autoencoder, bert"),
        (["cnn", "rnn", "--name", "both"], "several models"),
        (["cnn", "--name", "../up"], "is not a name"),
        (["cnn", "--optimizer", "a/b"], "is not a name"),
        (["rnn", "--fused", "--unroll"], "two forms of the same layers"),
        (["lstm", "--target", "gpu", "--jit"], "--target gpu has kernels of cuDNN, which --jit leaves none of"),
        (["rnn", "--parts", "0"], "0 is not 1 or more"),
        (["mlp", "--replicas", "0"], "0 is not from 1 to 64"),
        (["mlp", "--replicas", "-2"], "-2 is not from 1 to 64"),
        (["mlp", "--replicas", "65"], "65 is not from 1 to 64"),
        (["mlp", "--replicas", "two"], "invalid integer value: 'two'"),
        (
            ["mlp", "--replicas", "2", "--parts", "2"],
            "--parts cuts a batch for the cores of one device, and --replicas",
        ),
        (["mlp", "--replicas", "2", "--one-replica"], "--one-replica is of a script's own strategy"),
        (["mlp", "--replicas", "2", "--jit"], "which XLA does not compile: leave out --jit"),
        (["gru", "--replicas", "2", "--fused"], "leave out --fused"),
        (["mlp", "--replicas", "3", "--batch", "8"], "--batch 8 does not divide by --replicas 3"),
        (
            ["mlp", "--replicas", "3"],
            "mlp trains batches of 32, which do not divide by --replicas 3: give --batch a mul",
        ),
        (["linear", "--replicas", "3"], "linear trains batches of 100, which do not divide by --replicas 3"),
        (["cnn", "--batch", "0"], "0 is not 1 or more"),
        (["cnn", "--batch", "many"], "invalid integer value: 'many'"),
        (["cnn", "--learning-rate", "-1"], "-1 is not above 0"),
        (["cnn", "--learning-rate", "nan"], "nan is not above 0"),
        ([], "name a model, or a --suite"),
        (["my.py"], "my.py: there is no such file"),
        (["my.keras"], "my.keras: there is no such file"),
        (["keras:Res-Net"], "'Res-Net' is not the name of a function"),
        (["cnn", "--suite", "xyzzy"], "invalid choice: 'xyzzy'"),
        (["cnn", "--arg", "width"], "'width' is not KEY=VALUE"),
        (["cnn", "--input-shape", "a,b"], "'a,b' is not a shape such as 28,28,1"),
        (["cnn", "--length", "9-3"], "'9-3' is not a length such as 50 or 20-80"),
        (["cnn", "--class-weight", "0:1"], "'0:1' is not class weights such as 0=1,1=5"),
        (["cnn", "--precision", "int8"], "invalid choice: 'int8'"),
        (["keras:ResNet50", "--data", "x.npz"], "--data is for built-in models, and keras:ResNet50 is none of them"),
        (["keras:ResNet50", "--unroll"], "--unroll is for built-in models"),
        (["cnn", "--classes", "5"], "--classes is for models of keras.applications, and cnn is none of them; if its"),
        (
            ["cnn", "--input-shape", "8,8,1"],
            "--input-shape is for models in a Python file, saved models, models of keras.",
        ),
    ],
)
def test_wrong_use(arguments, message, capsys, tmp_path):
    try:
        code = cli.main(["export", *arguments, "--out", str(tmp_path)])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_requests_that_cannot_be(tmp_path):
    tiny, out = tmp_path / "tiny.npz", tmp_path / "out"
    np.savez(tiny, x=np.zeros((6, 2, 2)), y=np.arange(6))
    cases = [
        (["rnn", "cnn", "--unroll"], 2, "--unroll is for recurrent models, and cnn has nothing to unroll"),
        (["cnn", "--optimizer", "adamm"], 2, "no optimizer named adamm"),
        (["cnn", "--fused"], 2, "cnn has no recurrent layer that --fused could change"),
        (["rnn", "--target", "gpu"], 2, "rnn has no layer that cuDNN has a kernel for: leave out --target gpu"),
        (["cnn", "--data", tiny, "--batch", "9"], 2, "--batch 9 is more than the 6 examples"),
        (["cnn", "--data", "missing.npz"], 1, "missing.npz cannot be read: no such file"),
        (["cnn", "--data", tiny], 1, "cnn cannot be built with input_shape=(2, 2, 1), classes=6"),
        (["linear", "--out", tiny], 1, "tiny.npz: File exists"),
    ]
    results = pygen_many(*(["export", "--out", out, *arguments] for arguments, _, _ in cases))
    for (arguments, code, message), (got, stdout, stderr) in zip(cases, results, strict=True):
        assert got == code, arguments
        assert message in stderr
        assert len(stderr.splitlines()) == 1
        assert stdout == ""
    assert not any(out.iterdir())


def help_text(capsys, *words):
    """What --help prints."""
    with pytest.raises(SystemExit) as stop:
        cli.main([*words, "--help"])
    assert stop.value.code == 0
    return capsys.readouterr().out


def epochtime_verbs():
    """The commands of the Go program that runs this one."""
    sources = [path.read_text() for path in (ROOT / "cmd" / "epochtime").glob("*.go")]
    return {verb for text in sources for verb in re.findall(r'Use:\s+"([a-z-]+)', text)}


@pytest.mark.parametrize("words", [[], ["export"]], ids=["top", "export"])
@pytest.mark.parametrize("behind", ["0", "1"])
def test_commands_in_the_help_exist(words, behind, capsys, monkeypatch):
    monkeypatch.setenv("EPOCHTIME_EXPORT", behind)
    program, verbs = ("epochtime", epochtime_verbs()) if behind == "1" else ("python -m pygen", {"export", "models"})
    text = help_text(capsys, *words)
    commands = [
        line.removeprefix(f"  {program} ").split() for line in text.splitlines() if line.startswith(f"  {program}")
    ]
    assert len(commands) == 8, "the examples"
    for verb, *rest in commands:
        line = cli.parser().parse_args([verb, *rest])
        options.chosen(line)
        for model in line.models:
            if "." not in model:  # those are files of the reader's
                options.check_for(origin.parse(model), options.chosen(line))
    named = re.findall(r"(?:python -m pygen|epochtime) ([a-z]+)\b", text)
    assert set(named) <= verbs


def test_help_lists_the_models_and_every_option(capsys):
    text = help_text(capsys, "export")
    listed = re.search(r"built in:\n(.*?)\n  FILE", text, re.DOTALL).group(1)
    assert re.split(r",\s+", listed.strip()) == origin.names()
    for about in options.table().values():
        assert f"  {about.flag}" in text


def test_missing_package():
    """Without numpy there is a sentence, not a traceback."""
    code = "import sys, runpy; sys.modules['numpy'] = None; runpy.run_module('pygen', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code, "models"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "numpy is not installed for" in done.stderr
    assert "Traceback" not in done.stderr
