"""Runs one script of the corpus: as plain Python does, and through epochtime."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import reading
import verdict

HERE = Path(__file__).parent
STANDINS = HERE / "standins"


@dataclass
class Trial:
    """A script, and the folder in which it is tried."""

    number: int
    name: str
    script: Path  # as it is run
    kind: str  # script or notebook
    files: list  # names of corpus_data.folders that it expects in its current folder
    folder: Path  # of this trial, made by it
    python: str

    def truth(self, seconds):
        """Run the script as plain Python does. Return the notes of its fits, and how it ended."""
        notes = self.folder / "notes.jsonl"
        notes.unlink(missing_ok=True)
        command = [self.python, HERE / "truth.py", self.kind, self.script, notes]
        code = self.run("truth", command, seconds)
        lines = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        end = (
            lines.pop()["end"]
            if lines and "end" in lines[-1]
            else f"{verdict.STOPPED} after {seconds} s"
            if code is None
            else "died"
        )
        return {"fits": lines, "end": end}

    def measured(self, epochtime, flags, seconds):
        """Run `epochtime run SCRIPT`. Return its exit code (None: out of time), its record or None, its last words."""
        record = self.folder / "record.json"
        record.unlink(missing_ok=True)
        command = [epochtime, "run", self.script, "--python", self.python, "--launches", "1", "--epochs", "1"]
        command += ["--warmup", "0", "--json", record, "--db", "none", "--allow-concurrent", *flags]
        code = self.run("epochtime", command, seconds)
        text = record.read_text() if record.exists() else ""
        return {"exit": code, "record": json.loads(text) if text else None, "said": self.said("epochtime")}

    def run(self, what, command, seconds):
        """Run a command in a fresh current folder with the stand-ins. Return its exit code, or None if time ran out."""
        place = self.folder / what
        subprocess.run(["rm", "-rf", place, self.folder / f"{what}.home"], check=True)
        place.mkdir(parents=True)
        home = self.folder / f"{what}.home"
        home.mkdir()
        env = {
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "CORPUS_FILES": str(place),
            "PYTHONPATH": str(STANDINS),
            "MPLBACKEND": "Agg",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "EPOCHTIME_GRAPHS": str(self.folder / "graphs"),
        }
        subprocess.run([self.python, "-m", "corpus_data.folders", *self.files], cwd=place, env=env, check=True)
        with open(self.folder / f"{what}.log", "wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=place,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
                return None

    def said(self, what):
        """Return the last lines that a run printed."""
        return (self.folder / f"{what}.log").read_text(errors="replace").strip().splitlines()[-12:]


def prepare(number, entry, source, checkouts, work, python):
    """Return the trial of an entry of list.json. An example in a docstring is written to a file of its own."""
    path = checkouts / source["repository"] / entry["path"]
    kind, name = source["kind"], Path(entry["path"]).stem
    folder = work / f"{number:02d}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "docstring":
        path, kind, text = folder / f"{name}.py", "script", reading.code(path, kind)
        path.write_text(text)
    return Trial(number, name, path, kind, entry.get("files", []), folder, python or sys.executable)
