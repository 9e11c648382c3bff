"""A launch of a training loop of one's own: a job comes in and epochs go out, as harness/protocol says."""

import math
import os
import sys
import time
import traceback
from importlib import metadata

from pygen.peers.work import Work
from pygen.worker import machine, protocol

BEGAN = time.monotonic()


def run(build, *packages):
    """Run a launch in this process, and end it. `packages` are those whose versions are told.

    `build(work)` returns a function that trains an epoch and returns its mean loss.
    """
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    channel = protocol.take_standard_streams()
    code = 1
    try:
        launch(channel, build, packages)
        code = 0
    except protocol.Failure as failure:
        channel.fail(failure)
    except Exception as error:
        traceback.print_exc()
        channel.fail(protocol.Failure("internal", f"{type(error).__name__}: {error}"))
    sys.stderr.flush()
    os._exit(code)  # the parent closes stdin now, and would be taken for gone


def launch(channel, build, packages):
    """Take the job and train. Raises Failure, and whatever `build` and its function do."""
    job = protocol.parse(channel.read_line())
    channel.heed()
    channel.send("hello", hello(packages))
    before = time.monotonic()
    work = Work(job)
    data = time.monotonic() - before
    train = build(work)
    channel.send("loaded", loaded(work, data, time.monotonic() - before - data))
    for index in range(work.epochs):
        if index == work.warmup:
            before = machine.disturbance()
        channel.send("epoch", epoch(work, index, train))
    disturbance = machine.disturbance().since(before)
    channel.send("memory", {"memory": {"peak_rss_bytes": machine.peak()}, "disturbance": disturbance})
    channel.send("done")


def epoch(work, index, train):
    """Train an epoch and return what is told of it. Raises Failure if its loss is not finite."""
    start = time.monotonic()
    loss = train()
    seconds = time.monotonic() - start
    if not math.isfinite(loss):
        raise protocol.Failure("nonfinite", f"the loss of epoch {index} is {loss}")
    told = {"index": index, "warmup": index < work.warmup, "start_s": start - BEGAN, "seconds": seconds}
    told |= {"wait_s": 0, "step_s": seconds, "other_s": 0, "preprocess_s": 0}  # the parts are not told apart
    return told | {"steps": work.steps, "samples": work.samples, "loss": loss}


def hello(packages):
    """Return what a worker says of itself first."""
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    versions |= {package: metadata.version(package) for package in packages}
    said = {"protocol": protocol.VERSION, "epochtime": protocol.PROGRAM, "tensorflow": "", "machine": {}}
    return said | {"devices": None, "versions": versions}


def loaded(work, data, seconds):
    """Return what is told once the examples are read, in `data` seconds, and the model is made."""
    cores = machine.cores()
    resolved = {"device": "cpu", "batch": work.batch, "samples": work.samples, "steps": work.steps, "prefetch": 0}
    resolved |= {"intra_op": cores, "inter_op": cores, "jit": False, "copied": None, "borrowed": None, "env": {}}
    devices = [{"name": "/device:CPU:0", "type": "CPU", "memory_bytes": 0}]
    return {"load_s": seconds, "data_s": data, "devices": devices, "resolved": resolved | {"pipeline": ""}}
