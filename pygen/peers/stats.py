"""Medians, intervals and the check of losses: what a record's results say. NumPy only."""

from dataclasses import dataclass, field
from math import comb

import numpy as np

# Of the first epoch's loss: the same weights, examples and step. Later, rounding errors grow; mlp, on random labels, is
# chaotic: PyTorch and JAX agree to 15 digits in double precision, and to 1 in 10 after 12 epochs in single precision.
FIRST = 1e-3
LAST = 0.1
REFERENCES = ("keras-fit", "tf-function", "c-loop", "epochtime")


@dataclass
class Estimate:
    """A median with its interval; low and high are None for a single value."""

    median: float
    low: float | None
    high: float | None
    confidence: float


@dataclass
class Row:
    """One contender's line of a work's table."""

    name: str
    reason: str = ""
    time: Estimate | None = None
    ratio: Estimate | None = None
    best_ratio: Estimate | None = None
    start: float | None = None
    losses: tuple = ()
    rounds: dict = field(default_factory=dict)


def estimate(values, wanted=0.95):
    """Return the median of `values` with its interval by order statistics.

    Between the k-th smallest and the k-th largest of n values lies their distribution's median with probability
    1 − 2·P(Binomial(n, ½) < k), whatever the distribution (David and Nagaraja, Order Statistics, 3rd ed., section 7.1).
    k is the largest for which that is at least `wanted`, or 1.
    """
    values = np.sort(np.asarray(values, float))
    n = len(values)
    if n < 2:
        return Estimate(float(values[0]), None, None, 0.0)
    k = max([1, *(k for k in range(1, n // 2 + 1) if coverage(n, k) >= wanted)])
    return Estimate(float(np.median(values)), float(values[k - 1]), float(values[n - k]), coverage(n, k))


def coverage(n, k):
    """Return the probability that the median lies between the k-th smallest and the k-th largest of n values."""
    return 1 - 2 * sum(comb(n, i) for i in range(k)) / 2**n


def rows(record, work):
    """Return a Row for each contender measured on a work, in the record's order of contenders."""
    results = [r for r in record["results"] if r["work"] == work]
    reference = reference_losses(results)
    by_name = {name: [r for r in results if r["contender"] == name] for name in record["settings"]["contenders"]}
    table = [row(name, measured, reference) for name, measured in by_name.items() if measured]
    plain = next((r for r in table if r.name == "epochtime" and r.time), None)
    best = min(
        (r for r in table if r.name.startswith("epochtime") and r.time), key=lambda r: r.time.median, default=None
    )
    for line in table:
        line.ratio, line.best_ratio = ratio(line, plain), ratio(line, best)
    return table


def row(name, measured, reference):
    """Return a contender's Row, without its ratios."""
    line = Row(name)
    ok = [r for r in measured if r["status"] == "ok"]
    failed = [r["reason"] for r in measured if r["status"] != "ok"]
    if failed:
        line.reason = failed[0] if not ok else f"{failed[0]} (in {len(failed)} of {len(measured)} rounds)"
        return line
    line.reason = next((why for r in ok if (why := difference(r["losses"], reference))), "")
    line.losses = (ok[0]["losses"][0], ok[0]["losses"][-1])
    line.start = float(np.median([r["start_s"] for r in ok]))
    if not line.reason:
        line.rounds = {r["round"]: float(np.median(r["seconds"])) for r in ok}
        line.time = estimate(list(line.rounds.values()))
    return line


def ratio(line, base):
    """Return the Estimate of `line`'s epoch time over `base`'s, round by round; None without both."""
    if base is None or line.time is None or line is base:
        return None
    shared = sorted(line.rounds.keys() & base.rounds.keys())
    return estimate([line.rounds[n] / base.rounds[n] for n in shared]) if shared else None


def reference_losses(results):
    """Return the losses that all others are compared with."""
    ok = [r for r in results if r["status"] == "ok"]
    for name in REFERENCES:
        for result in ok:
            if result["contender"] == name:
                return result["losses"]
    return ok[0]["losses"] if ok else None


def difference(losses, reference):
    """Say how the losses differ from the reference, or "" if they agree."""
    if len(losses) != len(reference):
        return f"{len(losses)} epochs instead of {len(reference)}"
    for word, tolerance, k in (("first", FIRST, 0), ("last", LAST, -1)):
        if not abs(losses[k] - reference[k]) <= tolerance * abs(reference[k]):
            return f"other work: the {word} epoch's loss is {losses[k]:.5g}, not {reference[k]:.5g}"
    return ""
