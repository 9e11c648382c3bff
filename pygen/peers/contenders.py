"""Who is compared: for each contender its command, how to read what it prints, and what it does in plain words."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pygen.peers.work import STARTED, WARMUP

ROOT = Path(__file__).resolve().parents[2]
PEERS_PYTHON = ROOT / ".venv-runtimes" / "bin" / "python"
RECURRENT = ("rnn", "lstm", "gru")
CALLER = ("--executor", "caller-thread")
# Settings of the caller's that would change what is measured.
CLEARED = ("TF_", "XLA_", "OMP_", "MKL_", "KMP_", "ONEDNN_", "JAX_", "TORCH", "KERAS_", "EPOCHTIME_", "PYTHON")


@dataclass(frozen=True)
class Contender:
    """One way to train. `command(folder, settings)` gets a work folder and its work.json."""

    name: str
    title: str
    what: str
    command: Callable
    read: Callable
    models: tuple = ()
    needs: Path | None = None

    def takes(self, model):
        """Tell whether it can train the model."""
        return not self.models or model in self.models


def _python(module, *flags, interpreter=sys.executable):
    def command(folder, settings):
        return [str(interpreter), "-m", f"pygen.peers.{module}", str(folder), *flags]

    return command


def _c_loop(folder, settings):
    graph, names = folder.parent / "graphs" / settings["model"], [*settings["feeds"], settings["fetch"]]
    epochs = [str(WARMUP), str(settings["epochs"])]
    return [
        str(folder.parent / "c_loop"),
        str(graph),
        str(folder / "batches.bin"),
        *names,
        *epochs,
        f"{time.monotonic()}",
    ]


def _epochtime(variant="", *flags):
    data = "fixed.npz" if variant == "-unroll" else "data.npz"

    def command(folder, settings):
        sizes = {"--batch": settings["batch"], "--epochs": settings["epochs"], "--warmup": WARMUP, "--launches": 1}
        return [
            str(ROOT / "bin" / "epochtime"),
            *("run", settings["model"] + variant, "--graphs", str(folder.parent / "graphs")),
            *("--data", str(folder / data), "--json", "-", *flags),
            *(str(word) for pair in sizes.items() for word in pair),
        ]

    return command


def read_line(output, began):
    """Return the result that a contender of this folder printed as its last line."""
    return json.loads(output.strip().splitlines()[-1])


def read_record(output, began):
    """Return the result within epochtime's own record; `began` is when the driver started it, in Unix seconds."""
    record = json.loads(output)
    launch = record["runs"][0]["launches"][0]
    if launch["status"] != "ok":
        raise ValueError(launch["reason"] or launch["status"])
    epochs = launch["epochs"]
    measured = [epoch for epoch in epochs if not epoch["warmup"]]
    # Between the tool's start and the launch's may lie the parity check, which is done once for a graph.
    tool = datetime.fromisoformat(record["started"][:26].rstrip("Z") + "+00:00").timestamp() - began
    return {
        "seconds": [epoch["seconds"] for epoch in measured],
        "losses": [epoch["loss"] for epoch in epochs],
        "start_s": max(0.0, tool) + measured[0]["start_s"],
        "versions": {"epochtime": record["epochtime"], "tensorflow": launch["tensorflow"]},
    }


def environment(scratch):
    """Return the environment of every contender: the caller's, without what would change the measurement."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(CLEARED)}
    return kept | {
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "EPOCHTIME_DB": "none",  # the comparison has a record of its own
        "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),
        STARTED: f"{time.monotonic()}",
    }


def _own(name, title, what, *command, models=()):
    return Contender(name, title, what, _epochtime(*command), read_record, models, ROOT / "bin" / "epochtime")


def _peer(name, title, what, command, needs=None):
    return Contender(name, title, what, command, read_line, (), needs)


ALL = [
    _own("epochtime", "epochtime", "The exported graph as `epochtime run NAME` runs it."),
    _own(
        "epochtime-caller",
        "epochtime, caller-thread",
        "The same with `--executor caller-thread`.",
        *("", *CALLER),
    ),
    _own(
        "epochtime-onednn-on",
        "epochtime, oneDNN on",
        "The same with `--env TF_ENABLE_ONEDNN_OPTS=1`.",
        *("", "--env", "TF_ENABLE_ONEDNN_OPTS=1"),
    ),
    _own(
        "epochtime-onednn-off",
        "epochtime, oneDNN off",
        "The same with `--env TF_ENABLE_ONEDNN_OPTS=0`.",
        *("", "--env", "TF_ENABLE_ONEDNN_OPTS=0"),
    ),
    _own(
        "epochtime-jit",
        "epochtime, XLA",
        "The graph `NAME-jit`, exported with `--jit`: the step compiled by XLA.",
        "-jit",
    ),
    _own(
        "epochtime-jit-caller",
        "epochtime, XLA, caller-thread",
        "The same with `--executor caller-thread`.",
        *("-jit", *CALLER),
    ),
    _own(
        "epochtime-fused",
        "epochtime, fused, XLA, caller-thread",
        "The graph `NAME-fused-jit`, exported with `--fused --jit`, and `--executor caller-thread`: recurrent layers "
        "with one gradient for all steps, the whole step compiled by XLA.",
        *("-fused-jit", *CALLER),
        models=RECURRENT,
    ),
    _own(
        "epochtime-parts",
        "epochtime, fused, XLA, 2 parts",
        "The graph `NAME-fused-p2-jit`, exported with `--fused --jit --parts 2`: each half of a batch on a core of its "
        "own.",
        "-fused-p2-jit",
        models=RECURRENT,
    ),
    _own(
        "epochtime-unroll",
        "epochtime, unrolled",
        "The graph `NAME-unroll`, exported with `--unroll`: the loop over time laid out at a fixed "
        "length of 50, on sequences that need no padding.",
        "-unroll",
        models=RECURRENT,
    ),
    _peer(
        "c-loop",
        "C loop",
        "The same graph in a C program that does nothing but `TF_SessionRun`, on tensors that were all made before the "
        "first epoch: no slicing, no padding, no clock within the epoch. What it does not do, nobody could save.",
        _c_loop,
    ),
    _peer(
        "keras-fit",
        "Keras fit",
        '`fit` on NumPy arrays with `shuffle=False`, `verbose=0`, `jit_compile="auto"` (without a GPU that means no '
        "XLA). Epochs are timed by a callback. Sequences are padded once, before `fit`, as Keras's guides do it.",
        _python("keras_fit"),
    ),
    _peer("keras-fit-jit", "Keras fit, XLA", "The same with `jit_compile=True`.", _python("keras_fit", "--jit")),
    _peer(
        "tf-function",
        "tf.function loop",
        "A Python loop over NumPy slices around one `tf.function` step with open shapes: gradient tape, Keras model, "
        "loss and optimizer, as TensorFlow's guides write it.",
        _python("tf_loop"),
    ),
    _peer(
        "torch-eager",
        "PyTorch",
        "The article's loop: slices of tensors, `pad_sequence`, `zero_grad(set_to_none=True)`, `backward`, `step`; "
        "threads as PyTorch chooses. Its optimizers are PyTorch's own.",
        _python("torch_loop", interpreter=PEERS_PYTHON),
        PEERS_PYTHON,
    ),
    _peer(
        "torch-compile",
        "PyTorch, compiled",
        "The same with `torch.compile(model)`. Its compiled kernels are kept on disk between the rounds, as PyTorch "
        "does it, so its start is that of a second run. PyTorch leaves `nn.RNN`, `nn.LSTM` and `nn.GRU` as they are.",
        _python("torch_loop", "--compile", interpreter=PEERS_PYTHON),
        PEERS_PYTHON,
    ),
    _peer(
        "jax-jit",
        "JAX",
        "Plain functions and `jax.jit` over the whole step, state donated; recurrent models project all inputs at once "
        "and scan over time; Adam by hand.",
        _python("jax_loop", interpreter=PEERS_PYTHON),
        PEERS_PYTHON,
    ),
]
BY_NAME = {contender.name: contender for contender in ALL}
