"""A pipeline's epochs from Go beside Python's, launch by launch: `python -m pygen.peers.pipelines`."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from pygen.peers import compare, contenders, stats
from pygen.peers.work import WARMUP

KINDS = ("arrays", "records", "images", "texts")
THRESHOLD = 0.03
LEAST = 6  # rounds of which there is a verdict
FOLDER = Path(__file__).parent


def main(argv=None):
    """Measure, print the table, and return 1 if Go is slower anywhere."""
    top = argparse.ArgumentParser(prog="python -m pygen.peers.pipelines", description=__doc__)
    top.add_argument("kinds", nargs="*", metavar="KIND", help=" ".join(KINDS))
    top.add_argument("--rounds", type=int, default=8, help="launches of each side (8)")
    top.add_argument("--epochs", type=int, default=5, help="measured epochs of a launch (5)")
    top.add_argument("--seed", type=int, default=1, help="of the order (1)")
    options = top.parse_args(argv)
    kinds = options.kinds or KINDS
    if unknown := set(kinds) - set(KINDS):
        top.error(f"there is no kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    measured = measure(kinds, options)
    print("| pipeline | Go | Python | Go over Python | interval | verdict |\n|---|---:|---:|---:|---:|---|")
    verdicts = [verdict(measured[kind]) for kind in kinds]
    for kind, said in zip(kinds, verdicts, strict=True):
        print(row(kind, measured[kind], said))
    return int("slower" in verdicts)


def measure(kinds, options):
    """Return {kind: {"go" and "python": the median epoch of each launch}}, both sides in random order in each round."""
    shuffle = random.Random(options.seed).shuffle
    measured = {kind: {"go": [], "python": []} for kind in kinds}
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(options.rounds):
            for kind in kinds:
                sides = ["go", "python"]
                shuffle(sides)
                for side in sides:
                    measured[kind][side].append(launch(side, FOLDER / f"{kind}.py", options.epochs, Path(scratch)))
                latest = ", ".join(f"{side} {1e3 * values[-1]:.0f} ms" for side, values in measured[kind].items())
                print(f"{number + 1}/{options.rounds} {kind}: {latest}", file=sys.stderr, flush=True)
    return measured


def launch(side, script, epochs, scratch):
    """Return the median epoch, in seconds, of one launch. Ends the program if it fails."""
    if side == "python":
        command, read = [sys.executable, "-m", "pygen.peers.pipelines.loop", script, epochs], contenders.read_line
    else:
        sizes = ["--launches", 1, "--warmup", WARMUP, "--epochs", epochs]
        flags = ["--json", "-", "--allow-concurrent", "--python", sys.executable]
        command, read = [contenders.ROOT / "bin" / "epochtime", "run", script, *sizes, *flags], contenders.read_record
    began = time.time()
    code, output, errors = compare.run_process([str(word) for word in command], contenders.environment(scratch), 600)
    if code != 0:
        sys.exit(f"pipelines: {script.name} on the side of {side} failed:\n{errors.strip()}")
    return float(np.median(read(output, began)["seconds"]))


def ratios(sides):
    """Return the epoch time of Go over that of Python, in each round."""
    return [go / python for go, python in zip(sides["go"], sides["python"], strict=True)]


def verdict(sides):
    """Say whether Go is slower: by more than the threshold, and with an interval that excludes 1.

    It is "not slower" only where the interval excludes the threshold. Fewer than 6 rounds decide nothing: their
    interval has less than 95 %.
    """
    ratio = stats.estimate(ratios(sides))
    if ratio.low is None or len(ratios(sides)) < LEAST:
        return "inconclusive"
    if ratio.median > 1 + THRESHOLD and ratio.low > 1:
        return "slower"
    if ratio.high > 1 + THRESHOLD:
        return "inconclusive"
    return "faster" if ratio.median < 1 - THRESHOLD and ratio.high < 1 else "not slower"


def row(kind, sides, said):
    """Return a line of the table."""
    ratio = stats.estimate(ratios(sides))
    between = "–" if ratio.low is None else f"{ratio.low:.2f} – {ratio.high:.2f}"
    go, python = (f"{1e3 * np.median(sides[side]):.0f} ms" for side in ("go", "python"))
    return f"| {kind} | {go} | {python} | {ratio.median:.3f} | {between} | {said} |"


if __name__ == "__main__":
    sys.exit(main())
