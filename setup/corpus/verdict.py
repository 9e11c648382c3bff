"""Compares what epochtime measured of a script with what plain Python's fits were."""

OK, UNKNOWN, REFUSED, FAILED, SILENT = "ok", "unknown", "refused", "failed", "SILENT"
STOPPED = "stopped"  # how the end of a truth begins that ran out of time
# What notices are about, by their word, for each thing of a fit that the record may lack.
ABOUT = {
    "pipeline": {"pipeline"},
    "callbacks": {"callbacks"},
    "validation": {"validation"},
    "shuffle": {"shuffle"},
    "eager": {"run_eagerly", "eager"},
    "fits": {"fit"},
    "steps": {"steps_per_epoch"},
    "batch": set(),
}
FAILED_LATER = "may train more"  # of the notice about a script that failed after a fit


def of(truth, result):
    """Return (verdict, what was found): the truth of trial.Trial.truth, the result of trial.Trial.measured."""
    fits = [fit for fit in truth["fits"] if not fit.get("failed")]
    if result["exit"] is None:
        return FAILED, ["out of time"]
    runs = (result["record"] or {}).get("runs", [])
    if result["exit"] or not runs:
        said = " ".join(result["said"][-3:])
        return (REFUSED if result["exit"] == 2 else FAILED), [said[-400:]]
    wrong = [f"{len(fits)} fits, {len(runs)} measured"] if not covers(fits, runs) else []
    found = [] if not wrong or noticed(runs, "fits") else wrong
    later = []
    for i, run in enumerate(runs):
        fit = matching(run, fits, i)
        if fit is None and truth.get("end", "").startswith(STOPPED):
            later.append(f"#{i + 1}: plain Python was stopped before it")
            continue
        found += [f"#{i + 1}: {difference}" for difference in differences(fit, run)]
    if found:
        return SILENT, found
    return (UNKNOWN, later) if later else (OK, wrong)


def covers(fits, runs):
    """Tell whether there is a run for each line that calls fit, and each way in which it does."""
    told = ("line", "kind", "batch", "steps", "examples", "inputs")
    return len(runs) >= len({tuple(fit.get(name) for name in told) for fit in fits})


def matching(run, fits, i):
    """Return the fit that a run is of: that of its line, and of its place in the order."""
    script = run["graph"].get("script")
    if not script:
        return fits[i] if i < len(fits) else None
    here = [fit for fit in fits if fit["line"] == script["line"]]
    earlier = script["phase"] - 1
    if earlier < len(fits) and fits[earlier]["line"] == script["line"]:
        return fits[earlier]
    return here[0] if here else None


def differences(fit, run):
    """Yield what a run does in another way than its fit and has no notice about."""
    if fit is None:
        yield "is no fit of the script"
        return
    if not run["launches"] or run["launches"][0]["status"] != "ok" or not run["launches"][0]["epochs"]:
        yield "no launch is ok"
        return
    launch = run["launches"][0]
    resolved, epoch = launch["resolved"], launch["epochs"][-1]
    compared = [
        ("steps", fit["steps"], epoch["steps"], "steps"),
        ("batch", fit["batch"], resolved["batch"], "batch"),
        ("examples", fit["examples"], epoch["samples"], "steps"),
        ("validation", bool(fit["validation"]), bool(epoch.get("validation_steps")), "validation"),
        (
            "pipeline",
            fit["kind"] == "tf.data" and not fit.get("python"),
            resolved.get("pipeline") == "script",
            "pipeline",
        ),
        ("shuffle", fit["kind"] == "arrays" and bool(fit["shuffle"]), bool(run["config"]["shuffle"]), "shuffle"),
    ]
    for name, want, have, word in compared:
        if want is not None and want != have and not noticed([run], word):
            yield f"{name} {want}, measured {have}"
    for name, there in (("callbacks", fit["callbacks"]), ("eager", fit["run_eagerly"])):
        if there and not noticed([run], name):
            yield f"{name} not mentioned"
    if fit["kind"] not in ("arrays", "tf.data") and not noticed([run], "pipeline"):
        yield f"data is a {fit['kind']}, not mentioned"


def noticed(runs, about):
    """Tell whether a notice of the runs is about something."""
    notices = [notice for run in runs for notice in run["graph"].get("notices") or []]
    if about == "fits" and any(FAILED_LATER in notice["text"] for notice in notices):
        return True
    return any(notice["about"] in ABOUT[about] for notice in notices)
