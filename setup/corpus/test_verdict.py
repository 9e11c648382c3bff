"""Verdicts: each thing that a run may lack of its fit is found, unless a notice is about it."""

import copy

import pytest

import verdict

FIT = {
    "line": 7,
    "kind": "tf.data",
    "batch": 16,
    "steps": 5,
    "examples": 80,
    "validation": {"steps": 2},
    "callbacks": None,
    "shuffle": True,
    "run_eagerly": False,
    "python": False,
}
RUN = {
    "graph": {"script": {"line": 7, "phase": 1}},
    "config": {"shuffle": False},
    "launches": [
        {
            "status": "ok",
            "resolved": {"batch": 16, "pipeline": "script"},
            "epochs": [{"steps": 5, "samples": 80, "validation_steps": 2}],
        }
    ],
}


def judged(fits=(FIT,), runs=(RUN,), code=0, said=(), end="done"):
    return verdict.of(
        {"fits": list(fits), "end": end}, {"exit": code, "record": {"runs": list(runs)}, "said": list(said)}
    )


def changed(what, **changes):
    """A copy of a fit or run in which the keys of any depth have other values."""
    what = copy.deepcopy(what)

    def change(part):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            if key in changes:
                part[key] = changes[key]
            elif isinstance(value, dict | list):
                change(value)

    change(what)
    return what


def with_notice(run, about, text=""):
    run = copy.deepcopy(run)
    run["graph"]["notices"] = [{"about": about, "text": text}]
    return run


def test_the_same_is_ok():
    assert judged() == (verdict.OK, [])


@pytest.mark.parametrize(
    ("run", "about"),
    [
        (changed(RUN, steps=4), "steps_per_epoch"),
        (changed(RUN, samples=79), "steps_per_epoch"),
        (changed(RUN, validation_steps=0), "validation"),
        (changed(RUN, pipeline="memory"), "pipeline"),
    ],
    ids=["steps", "examples", "validation", "pipeline"],
)
def test_another_run_is_silent_without_a_notice(run, about):
    word, found = judged(runs=[run])
    assert word == verdict.SILENT and len(found) == 1
    assert judged(runs=[with_notice(run, "model")])[0] == verdict.SILENT, "a notice about something else"
    assert judged(runs=[with_notice(run, about)])[0] == verdict.OK


def test_nothing_explains_another_batch():
    run = with_notice(changed(RUN, batch=32), "batch", "batch")
    assert judged(runs=[run]) == (verdict.SILENT, ["#1: batch 16, measured 32"])


@pytest.mark.parametrize(
    ("fit", "about"),
    [
        (changed(FIT, callbacks=["EarlyStopping"]), "callbacks"),
        (changed(FIT, run_eagerly=True), "run_eagerly"),
        (changed(FIT, kind="generator"), "pipeline"),
        (changed(FIT, kind="arrays"), "shuffle"),
    ],
    ids=["callbacks", "eager", "generator", "shuffle"],
)
def test_what_needs_a_notice(fit, about):
    run = changed(RUN, pipeline="") if fit["kind"] != "tf.data" else RUN
    assert judged([fit], [run])[0] == verdict.SILENT
    assert judged([fit], [with_notice(run, about)])[0] == verdict.OK


def test_a_fit_that_is_left_out():
    other = changed(FIT, line=9)
    word, found = judged([FIT, other])
    assert (word, found) == (verdict.SILENT, ["2 fits, 1 measured"])
    assert judged([FIT, other], [with_notice(RUN, "fit")])[0] == verdict.OK
    callbacks = with_notice(RUN, "callbacks", "the callbacks of fit (A) are not called")
    assert judged([FIT, other], [callbacks])[0] == verdict.SILENT
    failed = with_notice(RUN, "script", "after this the script failed, and may train more: ValueError")
    assert judged([FIT, other], [failed])[0] == verdict.OK


def test_a_line_that_is_called_again():
    assert judged([FIT, FIT]) == (verdict.OK, [])
    assert judged([FIT, changed(FIT, batch=32)]) == (verdict.SILENT, ["2 fits, 1 measured"])


def test_a_fit_that_failed_is_none():
    assert judged([FIT, {"line": 9, "failed": "ValueError"}]) == (verdict.OK, [])


def test_a_run_of_no_fit():
    assert judged(runs=[changed(RUN, line=30)])[0] == verdict.SILENT


def test_a_run_that_plain_python_did_not_reach():
    later = changed(RUN, line=30)
    stopped = "stopped after 150 s"
    assert judged(runs=[RUN, later], end=stopped) == (verdict.UNKNOWN, ["#2: plain Python was stopped before it"])
    assert judged(runs=[changed(RUN, steps=4), later], end=stopped)[0] == verdict.SILENT
    assert judged(runs=[RUN], end=stopped) == (verdict.OK, [])


def test_without_a_launch():
    assert judged(runs=[changed(RUN, status="failed")])[0] == verdict.SILENT


@pytest.mark.parametrize(("code", "word"), [(1, verdict.FAILED), (2, verdict.REFUSED), (None, verdict.FAILED)])
def test_how_a_run_ends(code, word):
    assert judged(runs=[], code=code, said=["epochtime: why"]) == (word, ["epochtime: why" if code else "out of time"])
