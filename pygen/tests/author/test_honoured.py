"""The table of arguments is whole, and says what docs/scripts.md says."""

import inspect
from pathlib import Path

import keras

from pygen.author.honoured import ARGUMENTS, say
from pygen.author.notices import Notices

PAGE = Path(__file__).resolve().parents[3] / "docs" / "scripts.md"


def test_every_argument_of_keras_is_in_the_table():
    for method in (keras.Model.fit, keras.Model.compile):
        named = [name for name in inspect.signature(method).parameters if name != "self"]
        assert sorted(a.name for a in ARGUMENTS if a.method == method.__name__) == sorted(named)


def test_the_page_has_the_table():
    rows = [f"| `{a.name}` | `{a.method}` | {a.becomes} |" for a in ARGUMENTS]
    assert "\n".join(rows) in PAGE.read_text(encoding="utf-8")


def notices(given=None, **compiled):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **compiled)
    found = Notices()
    say(found, model, {"callbacks": None, "shuffle": True} | (given or {}))
    return {notice["about"]: notice["text"] for notice in found}


def test_what_is_not_honoured_is_named():
    assert notices() == {}
    assert "many times as fast" in notices(run_eagerly=True)["run_eagerly"]
    assert "steps_per_execution=8" in notices(steps_per_execution=8)["steps_per_execution"]
    callbacks = [keras.callbacks.EarlyStopping(), keras.callbacks.CSVLogger("x"), keras.callbacks.EarlyStopping()]
    assert "(EarlyStopping, CSVLogger)" in notices({"callbacks": callbacks})["callbacks"]
    assert "(TerminateOnNaN)" in notices({"callbacks": keras.callbacks.TerminateOnNaN()})["callbacks"]
    assert "callbacks" not in notices({"callbacks": [keras.callbacks.History()]})
    assert "shuffle" in notices({"shuffle": "batch"})
