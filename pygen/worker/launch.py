"""One launch: from a job to the words that answer it.

What needs more than Python itself is imported once the job is known to find it.
"""

import contextlib
import os

from pygen.errors import ExportError
from pygen.worker import backend
from pygen.worker.protocol import PROGRAM, STAGES, VERSION, Failure
from pygen.worker.telling import Teller


def run(job, channel, began):
    """Do a `protocol.Job`, and say so over the `protocol.Channel`. Raises Failure.

    `began` is when the process did, in seconds of time.perf_counter().
    """
    backend.check(job)
    channel.send("hello", hello(backend.versions()))
    teller = Teller(channel, job, began)
    described = read(job)
    backend.begin(job.config)
    try:
        with backend.threads(job.config):
            _train(job, described, teller)
    except ExportError as error:
        raise Failure("job", str(error)) from error


def hello(versions):
    """Return the first event; the parent knows the machine."""
    return {
        "protocol": VERSION,
        "epochtime": PROGRAM,
        "tensorflow": versions.get("tensorflow", ""),
        "machine": {},
        "devices": None,
        "versions": {name: version for name, version in versions.items() if name != "tensorflow"},
    }


def read(job):
    """Return the manifest of the job's graph. Raises Failure."""
    from pygen.folder import manifest

    described = manifest.read(job.graph)
    if described is None:
        raise Failure("graph", f"{job.graph} has no readable {manifest.FILE}", "export the model again")
    if job.sha256 and described.get("sha256") != job.sha256:
        raise Failure("graph", f"the graph in {job.graph} is another than the parent has read", "start again")
    if not isinstance(described.get("origin"), dict):
        raise Failure(
            "job", f"{job.graph} does not say what it was exported from, as older graphs do not", "export it again"
        )
    return described


def _train(job, described, teller):
    from pygen import requests
    from pygen.author import build
    from pygen.worker import model, script, stages

    request = requests.remade(described["origin"])
    try:
        os.chdir(request.folder)
    except OSError as error:
        raise Failure("job", f"the folder that it was exported in, {request.folder}: {error.strerror}") from error
    trained = Training(job, described, request, teller)
    if "script" in described:
        build.begin(request)
        with stages.noting_places() if job.kind == STAGES else contextlib.nullcontext():
            script.run(request, described, trained.train, backend.hint(job))
    else:
        model.run(request, described, job, trained.train, teller)


class Training:
    """Trains the call of fit that a graph is of, by the runtime of the job."""

    def __init__(self, job, described, request, teller):
        """Take the job, the manifest of its graph, the `options.Request` that it was exported by, and a Teller."""
        self.job, self.described, self.request, self.teller = job, described, request, teller

    def train(self, call, columns=None):
        """Train a `fitting.Call`. Raises Failure."""
        import keras

        from pygen.author import faults

        try:
            work = self._work(call, columns)
            if self.job.kind == STAGES:
                self.teller.stages(self._stages(work))
                return
            keras.utils.set_random_seed(self.job.config["seed"] % 2**32)
            self._runtime().train(work, self.job, self.teller)
        except ExportError:
            raise
        except Exception as error:
            code, told = code_of(error, self.teller.epochs), faults.describe(error)
            raise Failure(code, f"{_who(self.job)} cannot train it: {told}", backend.hint(self.job)) from error

    def _stages(self, settled):
        from pygen.worker import stages

        return stages.find(settled)

    def _work(self, call, columns):
        from pygen.folder import start
        from pygen.worker import work

        settled = work.settle(call, self.request, self.job, self.described, columns)
        if "weights" in self.described and work.built(settled):
            start.load(settled.model, self.job.graph)
        return settled

    def _runtime(self):
        if self.job.runtime == "tf-function":
            from pygen.worker import loop as runtime
        else:
            from pygen.worker import fit as runtime
        return runtime


def _who(job):
    return {"fit": "fit", "tf-function": "a loop round a tf.function step"}.get(
        job.runtime, f"fit on {backend.BACKENDS[job.runtime]}"
    )


def code_of(error, epochs):
    """Return the code of an error of training, of which so many epochs were whole."""
    named = f"{type(error).__name__} {error}"
    if isinstance(error, MemoryError) or any(
        word in named for word in ("ResourceExhausted", "RESOURCE_EXHAUSTED", "OutOfMemory", "out of memory")
    ):
        return "oom"
    return "step" if epochs else "job"
