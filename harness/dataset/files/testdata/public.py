"""Compares what is read of public files with what their usual readers make of them.

    python harness/dataset/files/testdata/public.py DIR [--damaged FOLDER]

DIR has a clone of each repository that testdata/public-files.txt names, in DIR/OWNER/NAME. Every file is read by a process of
its own, of internal/readback and, images, of internal/readback/pixels, within a time and a memory limit. Below FOLDER are
files that may be damaged in any way: it only matters that each ends in good order. Needs pandas, pyarrow, Pillow, TensorFlow
and Go, with cgo as for the worker. The exit status is 1 if anything is wrong.
"""

import argparse
import base64
import collections
import json
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import images
import numpy as np
import usual

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
LIST = ROOT / "testdata" / "public-files.txt"
SECONDS = 20
BYTES = 4 << 30
OUTCOMES = ("equal", "columns refused", "refused", "WRONG", "HANG", "DUMP", "NO WAY OUT")
GOOD = OUTCOMES[:3]
# A refusal says what to do by one of these verbs in the imperative, or by a flag.
WAY_OUT = re.compile(
    r"(?:[:;,(]|\b(?:or|and|to|then)) (?:cast|choose|convert|copy|download|drop|export|fill|flatten|give|install|leave|lower"
    r"|make|merge|name|put|remove|rename|repair|save|say|set|split|store|try|unpack|use|write)\b|--\w"
)


def build(folder: Path, package: str, cgo: bool) -> Path:
    """Build a program of this module."""
    program = folder / package.rsplit("/", 1)[-1]
    command = ["go", "build", "-o", str(program), f"./{package}"]
    env = {} if cgo else {"CGO_ENABLED": "0"}
    subprocess.run(["env", *(f"{k}={v}" for k, v in env.items()), *command], cwd=ROOT, check=True)
    return program


def ended(program: Path, path: Path) -> tuple[str, str]:
    """Run the reader on a file: "" and its output, or HANG or DUMP and what it said."""

    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))

    command = [str(program), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return "HANG", f"no end after {SECONDS} s"
    said = done.stderr.decode(errors="replace")
    if done.returncode or "goroutine " in said:
        return "DUMP", f"exit {done.returncode}: {said[:200]}"
    return "", done.stdout.decode()


def has_way_out(text: str) -> bool:
    """Report whether a refusal says what to do, in words that are not the file's own name."""
    return WAY_OUT.search(re.sub(r"\S*/\S*", "", text)) is not None


def numbers_of(column: dict) -> np.ndarray:
    """Return the numbers that were read, of a type that holds them all."""
    kind = column["dtype"]
    if kind.startswith(("float", "bfloat")):
        return np.array(column.get("numbers", "").split(), dtype="U").astype(np.float64)
    signed = np.uint64 if kind == "uint64" else np.int64
    return np.array([int(v) for v in column.get("numbers", "").split()], dtype=signed)


def same_numbers(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Report whether numbers are equal; integers are not compared as floats."""
    if len(ours) != len(theirs):
        return False
    if ours.dtype.kind in "iu" and theirs.dtype.kind in "iu":
        return [int(v) for v in ours] == [int(v) for v in theirs]
    return np.array_equal(ours.astype(np.float64), theirs.astype(np.float64), equal_nan=True)


def from_texts(texts: list[bytes]) -> np.ndarray:
    """Return the numbers that texts are, nothing of which counts as a number otherwise."""
    words = {b"true": 1.0, b"false": 0.0}
    return np.array([words.get(t.strip().lower(), None) if t.strip().lower() in words else float(t) for t in texts])


def fault(ours: dict, theirs: usual.Column) -> str:
    """Say what is wrong with a column that was read, or nothing."""
    if theirs.deep or theirs.kind not in ("number", "text"):
        return f"read although it is {'lists of lists' if theirs.deep else theirs.kind}"
    if theirs.gaps and theirs.written is None and theirs.lengths is None:
        return "read although values are missing"
    rows = ours.get("rows", 0)
    lengths = np.array(ours.get("lengths") or [ours.get("each", 1)] * rows)
    if theirs.lengths is not None and not np.array_equal(lengths, theirs.lengths):
        return f"lists of other lengths: {lengths[:8]} and {theirs.lengths[:8]}"
    if ours["dtype"] == "string":
        texts = [base64.b64decode(t) for t in ours.get("texts") or []]
        expected = theirs.written if theirs.written is not None else theirs.values
        if theirs.kind == "number" and theirs.written is None:
            return "text, and numbers there"
        wrong = [i for i, (a, b) in enumerate(zip(texts, expected)) if a != b]
        if wrong or len(texts) != len(expected):
            i = wrong[0] if wrong else min(len(texts), len(expected))
            return f"{len(texts)} texts, {len(expected)} there; at {i} {texts[i : i + 1]} and {expected[i : i + 1]}"
        return ""
    values = theirs.values
    if theirs.kind == "text":
        try:
            values = from_texts(theirs.values)
        except ValueError as e:
            return f"numbers, and text there: {e}"
    mine = numbers_of(ours)
    if same_numbers(mine, values):
        return ""
    wrong = [i for i, (a, b) in enumerate(zip(mine, values)) if a != b and not (a != a and b != b)]
    i = wrong[0] if wrong else min(len(mine), len(values))
    return f"{ours['dtype']}, {len(mine)} numbers, {len(values)} there; at {i} {mine[i : i + 1]} and {values[i : i + 1]}"


def find(theirs: dict[str, usual.Column], name: str) -> str | None:
    """Return the usual reader's name of a column."""
    for known, column in theirs.items():
        if name in (known, known.strip(), *column.names):
            return known
    return None


def compare(path: Path, read: dict) -> tuple[str, list[str]]:
    """Judge what was read of a table."""
    if "refused" in read:
        text = read["refused"]
        good = path.name in text and has_way_out(text)
        return ("refused" if good else "NO WAY OUT"), [text]
    theirs = usual.read(path)
    missing, wrong, silent, refused, equal = dict(theirs), [], [], [], 0
    for ours in read.get("columns") or []:
        known = find(missing, ours["name"])
        if known is None:
            wrong.append(f"column {ours['name']}: only read here")
            continue
        column = missing.pop(known)
        if "refused" in ours:
            refused.append(f"column {ours['name']}: {ours['refused']}")
            if not has_way_out(ours["refused"]):
                silent.append(refused[-1])
            continue
        said = fault(ours, column)
        equal += not said
        if said:
            wrong.append(f"column {ours['name']}: {said}")
    wrong += [f"column {name}: neither read nor refused" for name in missing]
    if wrong:
        return "WRONG", wrong
    if silent:
        return "NO WAY OUT", silent
    if not equal:
        return "refused", refused
    return ("columns refused" if refused else "equal"), refused


def judge_image(programs: dict, path: Path) -> tuple[str, list[str]]:
    """Read a folder of two classes of the one image, and decode that."""
    with tempfile.TemporaryDirectory() as folder:
        for name in "a", "b":
            link = Path(folder) / name / path.name
            link.parent.mkdir()
            link.symlink_to(path)
        ending, text = ended(programs["readback"], Path(folder))
    said = text if ending else json.loads(text).get("refused", "")
    if not said:
        ending, said = programs["pixels"].compare(path)
    if ending or not said:
        return ending or "equal", [said] if said else []
    return ("refused" if path.name in said and has_way_out(said) else "NO WAY OUT"), [said]


def judge(programs: dict, path: Path) -> tuple[str, list[str]]:
    """Read a file here and there, and judge."""
    if usual.kind_of(str(path)) == "image":
        return judge_image(programs, path)
    ending, text = ended(programs["readback"], path)
    if ending:
        return ending, [text]
    return compare(path, json.loads(text))


def table(found: dict[tuple[str, str], collections.Counter]):
    """Print how many files of each repository and kind had which outcome."""
    print("| files | " + " | ".join(OUTCOMES) + " |\n|---|" + "---:|" * len(OUTCOMES))
    total = collections.Counter()
    for (repository, kind), counts in sorted(found.items()):
        total.update(counts)
        print(f"| {repository}, {kind} | " + " | ".join(str(counts[o] or "–") for o in OUTCOMES) + " |")
    print("| all | " + " | ".join(str(total[o] or "–") for o in OUTCOMES) + " |")
    read = total["equal"] + total["columns refused"]
    good = read + total["refused"]
    everything = total.total() or 1
    print(f"\n{everything} files: {100 * good / everything:.1f} % in order, {100 * read / everything:.1f} % read")


def main() -> int:
    """Compare all files of the list, and run those of the damaged folder."""
    parse = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parse.add_argument("dir", type=Path)
    parse.add_argument("--damaged", type=Path)
    parse.add_argument("--only", default="", help="files whose line holds this")
    parse.add_argument("--json", type=Path, help="write every outcome to a file")
    args = parse.parse_args()
    found, bad, outcomes = collections.defaultdict(collections.Counter), [], []
    with tempfile.TemporaryDirectory() as folder:
        programs = {"readback": build(Path(folder), "internal/readback", False)}
        lines = [v for v in LIST.read_text().splitlines() if not v.startswith("#") and args.only in v]
        if any(usual.kind_of(v) == "image" for v in lines):
            programs["pixels"] = images.Decoder(build(Path(folder), "internal/readback/pixels", True), SECONDS)
        for line in lines:
            repository, name = line.split(" ", 1)
            repository = repository.split("@")[0]
            outcome, said = judge(programs, args.dir / repository / name)
            found[repository, usual.kind_of(name)][outcome] += 1
            outcomes.append({"file": f"{repository}/{name}", "outcome": outcome, "said": said})
            if outcome not in GOOD:
                bad.append(f"{outcome} {repository}/{name}: " + "; ".join(said[:3]))
        for path in sorted(args.damaged.rglob("*")) if args.damaged else []:
            if path.is_file() and (ending := ended(programs["readback"], path))[0]:
                bad.append(f"{ending[0]} {path}: {ending[1]}")
    table(found)
    print(*bad, sep="\n")
    if args.json:
        args.json.write_text(json.dumps(outcomes, indent=1))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
