"""The command line: `python -m pygen.peers`, behind `make peers`."""

import argparse
import datetime
import json
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from pygen.peers import compare, contenders, table
from pygen.peers.contenders import ROOT

WORKS = ["linear", "mlp", "cnn", "cnn:32", "rnn", "lstm", "gru"]
DESCRIPTION = (
    "Compare whole epoch times: the same training in epochtime, Keras, a Python loop, PyTorch, JAX and a C loop."
)


def main(argv=None):
    """Run the command line and return its exit code."""
    options = parser().parse_args(argv)
    options.say = lambda text: print(text, file=sys.stderr, flush=True)
    names = chosen(options.contenders)
    scratch = options.scratch.resolve()
    settings = {"works": [w.replace(":", "-") for w in options.models], "contenders": names}
    settings |= {"rounds": options.rounds, "seed": options.seed, "epochs": options.epochs}
    record = begin(options, settings)
    if not options.table:
        prepare(options, names, scratch)
        works = {w: json.loads((scratch / w / "work.json").read_text()) for w in settings["works"]}
        record["planned"] = len(compare.order(works, names, options.rounds, options.seed))
        try:
            compare.run(record, works, scratch, options.json, options)
        except KeyboardInterrupt:
            options.say(f"interrupted; what was measured is in {options.json}, and --resume goes on from there")
            return 130
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(table.page(record))
    options.say(f"wrote {options.out} and {options.json}")
    return 0


def parser():
    """Return the argument parser."""
    top = argparse.ArgumentParser(prog="python -m pygen.peers", description=DESCRIPTION)
    top.add_argument(
        "--models", nargs="+", default=WORKS, metavar="NAME[:BATCH]", help=f"what to train ({' '.join(WORKS)})"
    )
    top.add_argument(
        "--contenders",
        nargs="+",
        default=[c.name for c in contenders.ALL],
        metavar="NAME",
        help=f"who is compared; 'tensorflow' is all that need no .venv-runtimes ({' '.join(contenders.BY_NAME)})",
    )
    top.add_argument("--rounds", type=int, default=5, help="processes for each model and contender (5)")
    top.add_argument("--epochs", type=int, help="measured epochs a process (each model's own default)")
    top.add_argument("--seed", type=int, default=1, help="of the order (1)")
    top.add_argument(
        "--timeout", type=float, default=600, metavar="SECONDS", help="longest time one process may take (600)"
    )
    top.add_argument(
        "--scratch", type=Path, default=ROOT / ".peers", help="folder for graphs, data and caches (.peers)"
    )
    top.add_argument("--json", type=Path, default=ROOT / ".peers" / "peers.json", help="the record (.peers/peers.json)")
    top.add_argument("--out", type=Path, default=ROOT / "docs" / "peers.md", help="the page (docs/peers.md)")
    top.add_argument("--resume", action="store_true", help="go on with the record, if its settings are the same")
    top.add_argument("--table", action="store_true", help="measure nothing: write the page from the record")
    top.add_argument(
        "--allow-concurrent", action="store_true", help="let epochtime measure though another does (to try it out)"
    )
    return top


def chosen(names):
    """Return the contenders' names, in the order of the list; ends the program if one is unknown or not installed."""
    wanted = set(names)
    if "tensorflow" in wanted:
        wanted |= {c.name for c in contenders.ALL if c.needs != contenders.PEERS_PYTHON}
        wanted.remove("tensorflow")
    if unknown := wanted - contenders.BY_NAME.keys():
        sys.exit(
            f"peers: there is no contender {', '.join(sorted(unknown))}; there are {', '.join(contenders.BY_NAME)}"
        )
    for contender in (contenders.BY_NAME[name] for name in wanted):
        if contender.needs and not contender.needs.exists():
            missing = contender.needs.relative_to(ROOT)
            sys.exit(f"peers: {contender.name} needs {missing}; run make peers, or leave it out with --contenders")
    return [c.name for c in contenders.ALL if c.name in wanted]


def begin(options, settings):
    """Return the record to go on with: the one on disk for --resume and --table, else a new one."""
    if options.table and not options.json.exists():
        sys.exit(f"peers: there is no record {options.json}; measure first")
    if options.table or (options.resume and options.json.exists()):
        record = json.loads(options.json.read_text())
        if not options.table and record["settings"] != settings:
            sys.exit(f"peers: {options.json} was made with other settings; leave out --resume to start anew")
        return record
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    command = shlex.join(["python", "-m", "pygen.peers", *sys.argv[1:]])
    return {
        "schema": 1,
        "started": now.isoformat(),
        "command": command,
        "settings": settings,
        "machine": machine(),
        "planned": 0,
        "results": [],
    }


def machine():
    """Return what machine this is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def prepare(options, names, scratch):
    """Export the graphs that are needed and make the work folders."""
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / ".gitignore").write_text("*\n")
    models = sorted({work.partition(":")[0] for work in options.models})
    recurrent = [m for m in models if m in contenders.RECURRENT]
    exports = [(models, [])]
    if {"epochtime-jit", "epochtime-jit-caller"} & set(names):
        exports.append((models, ["--jit"]))
    if "epochtime-unroll" in names:
        exports.append((recurrent, ["--unroll"]))
    if "epochtime-fused" in names:
        exports.append((recurrent, ["--fused", "--jit"]))
    if "epochtime-parts" in names:
        exports.append((recurrent, ["--fused", "--jit", "--parts", "2"]))
    for group, flags in exports:
        if group:
            options.say(f"exporting {' '.join([*group, *flags])} …")
            call("pygen", "export", *group, *flags, "--force", "--out", scratch / "graphs", scratch=scratch)
    call(
        "pygen.peers.prepare",
        scratch,
        *(work_argument(work, options.epochs) for work in options.models),
        scratch=scratch,
    )


def work_argument(work, epochs):
    """Return what prepare.py is told of a work: MODEL:BATCH:EPOCHS."""
    model, _, batch = work.partition(":")
    return f"{model}:{batch}:{epochs or ''}"


def call(module, *arguments, scratch):
    """Run a Python module of this project, quietly; ends the program if it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=contenders.environment(scratch), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"peers: {shlex.join(command)} failed:\n{done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
