"""Scripts as people write them go through the exporter, which compares each with Keras over ten steps."""

import numpy as np
import pytest

from pygen.tests.conftest import LongExport, manifest

MODELS = "testdata/models"

# The graph's name, what exports it, and the inputs and targets that it must have.
GOOD = {
    "functional-width32": (["functional.py:build", "--arg", "width=32"], "x", "y"),
    "functional-bfloat16": (["functional.py", "--precision", "mixed_bfloat16"], "x", "y"),
    "multi_input": (["multi_input.py"], "title text tags", "priority department"),
    "subclassed": (["subclassed.py:build"], "x", "y"),
    "custom_layers": (["custom_layers.py"], "x", "y"),
    "weighted": (["weighted.py"], "x", "y sample_weight"),
    "class_weighted": (["class_weighted.py"], "x", "y"),
    "masked": (["masked.py", "--length", "5-30"], "tokens", "y"),
    "regularised": (["regularised.py"], "x", "y"),
    "schedules": (["schedules.py"], "x", "y"),
    "schedules-kindsgd": (["schedules.py", "--arg", "kind=sgd"], "x", "y"),
    "mixed": (["mixed.py"], "x", "y"),
    "own_train_step": (["own_train_step.py"], "x", "y"),
    "gan": (["gan.py"], "x", ""),
    "own_loop": (["own_loop.py"], "x", "y"),
    "own_loop_raw": (["own_loop_raw.py"], "x", "y"),
    "preprocessing": (["preprocessing.py"], "picture text colour weight", "y"),
    "data_given": (["data_given.py"], "x", "y"),
    "uncompiled": (["uncompiled.py"], "x", "y"),
    "script": (["script.py"], "x", "y"),
    "compiled_dropout": (["compiled_dropout.py"], "x", "y sample_weight"),
    "missing_targets": (["missing_targets.py"], "x", "y"),
    "tagger": (["tagger.py", "--length", "5-30"], "tokens", "y"),
    "token_places": (["token_places.py"], "tokens segments", "y"),
    "prints": (["bad/prints.py"], "x", "y"),
    "saved": (["SAVED/saved.keras"], "x", "y"),
    "legacy": (["SAVED/legacy.h5"], "x", "y"),
}

# What is exported, the exit code, and what the message must name.
BAD = [
    (["bad/raises.py"], 1, ["raises.py:7", "KeyError: 'conv'", 'layers["conv"]']),
    (["bad/no_function.py"], 1, ["no_function.py", "model.fit", "build()"]),
    (["bad/no_function.py:build"], 1, ["no_function.py has no build"]),
    (["bad/returns_int.py"], 1, ["returns_int.py:build returns int", "not a Keras model"]),
    (["bad/never_built.py"], 1, ["never built", "--input-shape", "data(n, seed)"]),
    (["bad/py_function.py"], 1, ["calls Python", "sorter", "py_function.py:14"]),
    (["bad/numpy_train_step.py"], 1, ["numpy_train_step.py:16", "loss.numpy()"]),
    (["bad/error_in_layer.py"], 1, ["error_in_layer.py:8: return ops.matmul(x, self.k)", "12 and 7"]),
    (["bad/needs_arguments.py"], 1, ["ends by itself, with exit code 2", "required: --data", "-- ARGS"]),
    (["bad/missing_module.py"], 1, ["missing_module.py:1", "has no module of that name", "--python"]),
    (["bad/relative_import.py"], 1, ["relative_import.py:1", "-m package.module"]),
    (["bad/leaves.py"], 1, ["trains nothing: it ends by itself, with exit code 0", "leaves.py:11: sys.exit()"]),
    (["bad/in_processes.py"], 1, ["starts processes of its own, at", "in_processes.py:17", "in its own process"]),
    (["bad/no_examples.py"], 1, ["line 10", "fit(...) is given no examples"]),
    (["bad/missing_targets.py"], 1, ["Keras's own loss is nan", "there is NaN in y", "does not leave it out"]),
    (["bad/keras2.py"], 1, ["keras2.py:2", "tf_keras is Keras 2", "import keras"]),
    (["bad/keras2_variable.py"], 1, ["keras2_variable.py:8", "TF_USE_LEGACY_KERAS asks", "leave it unset"]),
    (["bad/sparse.py"], 1, ["fit(...) is given x as a SparseTensor", "tf.sparse.to_dense()"]),
    (["functional.py:bild"], 1, ["has no bild", "it has build"]),
    (["functional.py:build", "--arg", "widht=3"], 2, ["--arg widht: build(...) has no argument", "it takes width=64"]),
    (["script.py", "--arg", "width=3"], 2, ["--arg width: testdata/models/script.py is a script"]),
    (["own_loop.py", "--arg", "width=3"], 2, ["--arg width: testdata/models/own_loop.py is a script"]),
    (["missing.py"], 2, ["missing.py", "no such file"]),
    (["SAVED/damaged.keras"], 1, ["damaged.keras is no .keras file, or is damaged"]),
    (["SAVED/damaged.h5"], 1, ["damaged.h5 is no HDF5 file, or is damaged"]),
    (["SAVED/only.weights.h5"], 1, ["only.weights.h5 holds weights without a model", "FILE.py:FUNCTION"]),
]


def save_model(folder):
    """Save compiled models as saved.keras and legacy.h5, weights alone, and files that are damaged."""
    import keras

    folder.mkdir()
    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Nadam(0.02), loss="huber")
    model.save(folder / "saved.keras")
    whole = (folder / "saved.keras").read_bytes()
    (folder / "damaged.keras").write_bytes(whole[: len(whole) // 2])
    (folder / "damaged.h5").write_bytes(whole)
    model.save_weights(folder / "only.weights.h5")
    model.compile(optimizer=keras.optimizers.Nadam(0.02), loss="mse", metrics=["mae"])
    model.save(folder / "legacy.h5")


WANTED = [case[0] for case in [*GOOD.values(), *BAD]]


def command(number, out):
    """The command line that exports WANTED[number]; saved models are made in out/SAVED."""
    model, *options = WANTED[number]
    saved = model.startswith("SAVED/")
    if saved and not (out / "SAVED").exists():
        save_model(out / "SAVED")
    return ["export", out / model if saved else f"{MODELS}/{model}", *options, "--out", out / "graphs"]


EXPORTS = LongExport("exported", *(lambda out, number=number: [command(number, out)] for number in range(len(WANTED))))


@pytest.fixture(scope="session")
def exported(long_exports):
    """The folder of all graphs, and (code, out, err) of every export by its first argument and options."""
    return EXPORTS.folder / "graphs", {" ".join(words): r for words, r in zip(WANTED, EXPORTS.results(), strict=True)}


@pytest.mark.parametrize("name", GOOD)
def test_exports_and_trains_as_keras_does(exported, name):
    out, results = exported
    arguments, inputs, targets = GOOD[name]
    code, printed, errors = results[" ".join(arguments)]
    assert code == 0, errors
    assert printed.startswith(f"{out / name}  ")
    assert len(printed.splitlines()) == 1, "only the exporter's own line is on stdout"
    described = manifest(out / name)
    assert {entry["name"] for entry in described["inputs"]} == set(inputs.split())
    assert {entry["name"] for entry in described["targets"]} == set(targets.split())
    steps, reduced = described["parity"]["steps"], name in ("mixed", "functional-bfloat16")
    assert len(described["parity"]["losses"]) == steps
    assert steps == 10 or reduced or "magnifies rounding" in errors
    usual = 1e-3 if described["variant"]["jit"] else 1e-5
    assert described["parity"]["tolerance"] == (1e-2 if reduced else usual)
    assert described["variant"]["jit"] == (name == "compiled_dropout")


@pytest.mark.parametrize(("arguments", "expected", "named"), BAD, ids=lambda value: str(value))
def test_says_what_is_at_fault(exported, arguments, expected, named):
    out, results = exported
    code, printed, errors = results[" ".join(arguments)]
    assert code == expected, errors
    assert printed == ""
    assert "Traceback" not in errors
    for words in named:
        assert words in errors


def test_weights_and_defaults_of_the_file(exported):
    out, _ = exported
    held = np.load(out / "weighted" / "parity.npz")
    assert held["sample_weight"].min() < held["sample_weight"].max()
    assert manifest(out / "class_weighted")["settings"]["batch"] == 16


def test_preprocessing_takes_what_comes(exported):
    out, _ = exported
    described = manifest(out / "preprocessing")
    taken = {entry["name"]: entry["dtype"] for entry in described["signatures"]["preprocess"]["takes"]}
    assert taken == {
        "picture": "uint8",
        "text": "string",
        "colour": "string",
        "weight": "float32",
        "y": "float32",
    }
    assert set(described["signatures"]["preprocess"]["makes"]) == set(taken)


def test_compiled_state_of_a_saved_model(exported):
    out, _ = exported
    described = manifest(out / "saved")["model"]
    assert described["loss"] == "huber"
    assert described["optimizer"]["name"] == "nadam"
    assert described["optimizer"]["settings"]["learning_rate"] == 0.02


def test_compiled_state_of_an_older_file(exported):
    out, _ = exported
    described = manifest(out / "legacy")["model"]
    assert (described["loss"], described["optimizer"]["name"]) == ("mean_squared_error", "nadam")
    assert described["optimizer"]["settings"]["learning_rate"] == 0.02


def test_a_script_says_which_fit_is_timed(exported):
    out, _ = exported
    described = manifest(out / "script")
    assert described["script"] == {
        "file": "testdata/models/script.py",
        "call": "fit",
        "line": 26,
        "phase": 1,
        "phases": 1,
    }
    assert described["settings"] == {"samples": 180, "batch": 20, "epochs": 4, "shuffle": True}
    assert described["validation"]["batches"] | {"shapes": []} == {
        "steps": 1,
        "examples": 20,
        "whole": True,
        "shapes": [],
    }


def test_lengths_given_by_the_author(exported):
    out, _ = exported
    lengths = np.load(out / "data_given" / "parity.npz")["x.lengths"]
    assert lengths.min() < lengths.max() <= 12
    assert manifest(out / "masked")["data"]["columns"]["tokens"]["lengths"] == [5, 30]


def test_a_step_of_ones_own(exported):
    out, results = exported
    assert "its step(...) is timed" in results["own_loop.py"][2]
    for name, parameters, operations in (("own_loop", 1409, 6625), ("own_loop_raw", 8, 64)):
        described = manifest(out / name)
        assert described["model"]["parameters"] == described["model"]["trainable_parameters"] == parameters
        assert described["model"]["flops_per_example"] == operations
        assert described["missing"]["evaluate"] == "step(...) says only how to train"
        assert described["parity"]["steps"] == 10
        assert described["parity"]["tolerance"] == 1e-5


def test_missing_targets_are_compared(exported):
    """The first of them is the 100th example, and the comparison takes fewer."""
    out, _ = exported
    assert np.isnan(np.load(out / "missing_targets" / "parity.npz")["y"]).any()
    described = manifest(out / "missing_targets")
    assert described["targets"][0]["nan"] is True and "nan" not in described["inputs"][0]


def test_a_label_for_every_token(exported):
    out, _ = exported
    described = manifest(out / "tagger")
    assert [step["input"] for step in described["preprocess"]] == ["tokens", "y"]
    held = np.load(out / "tagger" / "parity.npz")
    assert (held["tokens.lengths"] == held["y.lengths"]).all()
    assert held["y.lengths"].min() < held["y.lengths"].max()
    assert described["data"]["columns"]["y"]["lengths_of"] == "tokens"


def test_each_input_is_limited_by_its_own_table(exported):
    out, _ = exported
    limits = {entry["name"]: entry["categories"] for entry in manifest(out / "token_places")["inputs"]}
    assert limits == {"tokens": 5000, "segments": 2}
    assert np.load(out / "token_places" / "parity.npz")["tokens"].max() > 80
