"""The table of options: what the command line, the names of graphs and the exporter make of it."""

from dataclasses import fields
from pathlib import Path

import pytest

from pygen import cli, options
from pygen.author import origin
from pygen.errors import UsageError

# Each option with a value that is not its default: the words of a command line, what they come to, and what the default
# name of the graph shows of it.
CASES = {
    "data": (["--data", "a/my words (2).npz"], Path("a/my words (2).npz"), "-my-words-2"),
    "arguments": (
        ["--arg", "width=8", "--arg", "kind=a/b", "--arg", "weights=None"],
        {"width": 8, "kind": "a/b", "weights": None},
        "-width8-kinda-b",
    ),
    "shapes": (["--input-shape", "28,28,1", "--input-shape", "b=7"], {"": (28, 28, 1), "b": (7,)}, "-28x28x1-7"),
    "lengths": (["--length", "50", "--length", "b=2-7"], {"": (50, 50), "b": (2, 7)}, ""),
    "classes": (["--classes", "5"], 5, "-5classes"),
    "class_weight": (["--class-weight", "0=1,1=5"], {0: 1.0, 1: 5.0}, ""),
    "samples": (["--samples", "7"], 7, ""),
    "imports": (["--import", "a.py", "--import", "b.py"], ("a.py", "b.py"), ""),
    "script_arguments": (["--script-arg=--width", "--script-arg=6 4"], ("--width", "6 4"), "-width-6-4"),
    "steps_per_epoch": (["--steps-per-epoch", "9"], 9, "-9steps"),
    "one_replica": (["--one-replica"], True, "-one-replica"),
    "width": (["--width", "0.5"], 0.5, "-w0.5"),
    "precision": (["--precision", "mixed_bfloat16"], "mixed_bfloat16", "-bfloat16"),
    "loss": (["--loss", "MAE"], "MAE", "-mae"),
    "optimizer": (["--optimizer", "SGD"], "SGD", "-sgd"),
    "learning_rate": (["--learning-rate", "1e-2"], 0.01, "-lr0.01"),
    "unroll": (["--unroll"], True, "-unroll"),
    "fused": (["--fused"], True, "-fused"),
    "parts": (["--parts", "2"], 2, "-p2"),
    "replicas": (["--replicas", "2"], 2, "-replicas2"),
    "batch": (["--batch", "64"], 64, "-b64"),
    "jit": (["--jit"], True, "-jit"),
    "target": (["--target", "gpu"], "gpu", "-gpu"),
}


def chosen(*words):
    return options.chosen(cli.parser().parse_args(["export", "rnn", *words]))


def name(*words):
    return options.default_name(origin.parse("rnn"), chosen(*words))


def test_every_option_has_a_case():
    assert set(CASES) == set(options.table()) == {field.name for field in fields(options.Options)}


@pytest.mark.parametrize("key", CASES)
def test_option(key):
    words, value, shown = CASES[key]
    got = chosen(*words)
    assert getattr(got, key) == value
    assert [about.flag for about, _ in options.changed(got)] == [options.table()[key].flag]
    assert options.default_name(origin.parse("rnn"), got) == "rnn" + shown
    request = options.Request(**vars(got), spec=origin.parse("rnn"), name="g")
    assert getattr(request, key) == value


@pytest.mark.parametrize("kind", origin.KINDS)
@pytest.mark.parametrize("key", CASES)
def test_only_for_its_kinds_of_models(key, kind):
    about, spec = options.table()[key], origin.Spec("the-model", kind)
    if kind in about.kinds:
        options.check_for(spec, chosen(*CASES[key][0]))
        return
    with pytest.raises(UsageError, match=f"^{about.flag} is for .* and the-model is none of them"):
        options.check_for(spec, chosen(*CASES[key][0]))


def test_names():
    assert name() == name("--precision", "float32", "--parts", "1") == "rnn"
    assert name("--jit", "--unroll") == "rnn-unroll-jit"
    everything = ["--jit", "--unroll", "--batch", "64", "--learning-rate", "1e-2", "--optimizer", "SGD"]
    assert name(*everything, "--data", "a/my words (2).npz") == "rnn-my-words-2-sgd-lr0.01-unroll-b64-jit"
    assert name("--data", ".npz") == "rnn-npz"
    assert name("--data", "(.npz") == "rnn-data"


def test_plain_options_are_the_defaults():
    assert chosen() == options.Options()


@pytest.mark.parametrize("key", CASES)
def test_words_are_those_of_a_command_line(key):
    """What the manifest of a graph keeps of its options makes the same options."""
    got = chosen(*CASES[key][0])
    words = [word for about, value in options.changed(got) for word in about.words(value)]
    assert words and chosen(*words) == got


def test_values_of_arguments_keep_their_type():
    got = chosen("--arg", "a='8'", "--arg", "b=8", "--arg", "c=it's", "--arg", "d=[1, None]")
    words = [word for about, value in options.changed(got) for word in about.words(value)]
    assert chosen(*words).arguments == {"a": "8", "b": 8, "c": "it's", "d": [1, None]}
