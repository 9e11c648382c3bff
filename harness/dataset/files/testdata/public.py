"""Compares what is read of public files with what their usual readers make of them.

    python harness/dataset/files/testdata/public.py DIR [--damaged FOLDER]

DIR has a clone of each repository that testdata/public-files.txt names, in DIR/OWNER/NAME. Each file is read by a
process of its own, of internal/readback and, images, of internal/readback/pixels, within a time and a memory limit.
Below FOLDER are files that may be damaged in any way: of them, it only matters that reading ends in good order.
Needs pandas, pyarrow, Pillow, TensorFlow and Go, with cgo as for the worker. The exit status is 1 if anything is
wrong.
"""

import argparse
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from readers import images, refusals, usual, values

ROOT = Path(__file__).parents[4]
LIST = ROOT / "testdata" / "public-files.txt"
SECONDS = 20
BYTES = 4 << 30
OUTCOMES = (
    "equal",
    "columns refused",
    "refused",
    "WRONG",
    "HANG",
    "DUMP",
    "NO WAY OUT",
)
GOOD, READ = OUTCOMES[:3], OUTCOMES[:2]


def build(folder: Path, package: str, cgo: bool) -> Path:
    """Build a program of this module."""
    program = folder / package.rsplit("/", 1)[-1]
    command = ["go", "build", "-o", str(program), f"./{package}"]
    env = os.environ | ({} if cgo else {"CGO_ENABLED": "0"})
    subprocess.run(command, cwd=ROOT, env=env, check=True)
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
    if ending:
        return ending, [said]
    return refusals.judge(said, path.name) if said else ("equal", [])


def judge(programs: dict, path: Path) -> tuple[str, list[str]]:
    """Read a file here and there, and judge."""
    if usual.kind_of(str(path)) == "image":
        return judge_image(programs, path)
    ending, text = ended(programs["readback"], path)
    if ending:
        return ending, [text]
    read = json.loads(text)
    if "refused" in read:
        return refusals.judge(read["refused"], path.name)
    return values.compare(usual.read(path), read.get("columns") or [])


def trainable(path: Path) -> bool:
    """Report whether a file holds anything that a graph can be fed."""
    return usual.kind_of(str(path)) == "image" or any(c.trains() for c in usual.read(path).values())


def judge_listed(programs: dict, root: Path, lines: list[str]) -> list[dict]:
    """Judge the files of the list, which lie below root."""
    out = []
    for line in lines:
        repository, name = line.split(" ", 1)
        repository = repository.split("@")[0]
        outcome, said = judge(programs, root / repository / name)
        trains = outcome in READ or trainable(root / repository / name)
        out.append({"repository": repository, "file": name, "outcome": outcome, "said": said, "trains": trains})
    return out


def judge_damaged(program: Path, folder: Path) -> list[dict]:
    """Judge how reading ends for every file below a folder."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    endings = [(path, *ended(program, path)) for path in paths]
    return [
        {"repository": "damaged", "file": str(path), "outcome": ending, "said": [said]}
        for path, ending, said in endings
        if ending
    ]


def table(outcomes: list[dict]):
    """Print how many files of each repository and kind had which outcome."""
    counts = collections.defaultdict(collections.Counter)
    for o in outcomes:
        counts[o["repository"], usual.kind_of(o["file"])][o["outcome"]] += 1
    total = sum(counts.values(), collections.Counter())
    rows = [(f"{repository}, {kind}", row) for (repository, kind), row in sorted(counts.items())]
    print("| files | " + " | ".join(OUTCOMES) + " |\n|---|" + "---:|" * len(OUTCOMES))
    for name, row in [*rows, ("all", total)]:
        print(f"| {name} | " + " | ".join(str(row[o] or "–") for o in OUTCOMES) + " |")
    read = sum(total[o] for o in READ)
    trains = sum(o["trains"] for o in outcomes)
    order = 100 * sum(total[o] for o in GOOD) / len(outcomes)
    print(f"\n{len(outcomes)} files: {order:.1f} % in order, {100 * read / len(outcomes):.1f} % read")
    print(f"{trains} hold a column that can be fed: {100 * read / max(1, trains):.1f} % of them read")


def main() -> int:
    """Judge all files of the list, and those of the damaged folder."""
    parse = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parse.add_argument("dir", type=Path, help="holds the clones")
    parse.add_argument("--damaged", type=Path, help="a folder of files that need only end well")
    parse.add_argument("--only", default="", help="take files whose line holds this")
    parse.add_argument("--json", type=Path, help="write every outcome to a file")
    args = parse.parse_args()
    lines = [v for v in LIST.read_text().splitlines() if not v.startswith("#")]
    lines = [v for v in lines if args.only in v]
    if not lines:
        parse.error(f"{LIST} has no line that holds {args.only}")
    with tempfile.TemporaryDirectory() as folder:
        programs = {"readback": build(Path(folder), "internal/readback", False)}
        if any(usual.kind_of(v) == "image" for v in lines):
            pixels = build(Path(folder), "internal/readback/pixels", True)
            programs["pixels"] = images.Decoder(pixels, SECONDS)
        outcomes = judge_listed(programs, args.dir, lines)
        damaged = judge_damaged(programs["readback"], args.damaged) if args.damaged else []
    table(outcomes)
    bad = [o for o in outcomes + damaged if o["outcome"] not in GOOD]
    for o in bad:
        print(o["outcome"], o["repository"], o["file"], "; ".join(o["said"][:3]))
    if args.json:
        args.json.write_text(json.dumps(outcomes + damaged, indent=1))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
