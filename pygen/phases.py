"""A script is a list of phases: each of its calls that train is exported as a graph when it is met."""

import contextlib
import os
from dataclasses import dataclass, field, replace

import keras

from pygen import export
from pygen.author import batchwise, build, fitting, loops, own, ownstep, userfile
from pygen.author.answers import Answers
from pygen.author.calls import Numbers
from pygen.author.limit import EndlessError
from pygen.errors import ExportError, ScriptError, UsageError
from pygen.examples.source import SEED
from pygen.folder import manifest
from pygen.observed import Observed

MOST = 20  # phases of one script
MOST_CALLS = 1000  # of a fit that trains the same; a script may wait for what never comes, such as a good History


@dataclass
class Phases:
    """The phases of a script that is running."""

    request: object
    folder: object
    home: object
    seen: Observed
    exported: list = field(default_factory=list)
    numbers: Numbers = field(default_factory=Numbers)
    calls: dict = field(default_factory=dict)  # the number of a phase: how many calls it stands for
    left_out: int = 0
    answers: Answers = field(default_factory=Answers)

    def take(self, call):
        """Export what a `fitting.Call` would train, and return True.

        Raises loops.Refusal for a model that makes its train_function itself.

        Return False for one that trains what an earlier call of its line does.
        """
        loops.refuse_own_function(call.model)
        if known := self.numbers.find(call):
            self.calls[known] += 1
            if self.calls[known] == MOST_CALLS:
                raise EndlessError(
                    f"it has called the fit(...) at line {call.line} {MOST_CALLS} times, which train the same"
                )
            return False
        if len(self.exported) == MOST:
            self.left_out += 1
            return True
        number = self.numbers.add(call)
        try:
            _check_arguments(self.request)
            author = fitting.author(call)
            if self.exported and self.answers.asked:
                author.notices.say(
                    "script",
                    f"before this the script {' and '.join(self.answers.asked.values())}, of a model that trained one "
                    "step here: what this trains may depend on it",
                )
            self.add(author, "fit", call.line)
        except ExportError as error:
            raise Failed(number, call.line, error) from error
        self.numbers.built(call, number)
        return True

    def add(self, author, call, line):
        """Export what a `call` in a line of the script trains, an `origin.Author`, as the next phase."""
        number = len(self.exported) + 1
        with self.seen.limit.paused(), _as_it_was(author.model):
            done = _exported(self.request, self.folder, self.home, author, number)
        done.manifest["script"] = {"file": self.request.spec.text, "call": call, "line": line, "phase": number}
        self.exported.append(done)
        self.calls[number] = 1

    def finished(self, ended):
        """Return the exports, with what is known of them once the script has `ended`, an `script.Ended`."""
        count = len(self.exported)
        for number, done in enumerate(self.exported, 1):
            described, notices = done.manifest, done.notices
            if self.calls[number] > 1:
                notices.say(
                    "fit", f"the script calls this fit {self.calls[number]} times; what the first trains is timed"
                )
            if self.left_out:
                notices.say(
                    "fit", f"the script has {self.left_out} calls of fit more than the {MOST} that are exported"
                )
            if ended.error:
                notices.say(
                    "script", f"after this the script stopped, and may train more: {ended.error.splitlines()[0]}"
                )
            described["script"] |= {"phases": count} | _arguments(self.request)
            described["name"] = self.request.name if count == 1 else f"{self.request.name}-{number}"
            described |= {"notices": notices} if notices else {}
            self.seen.describe(described, self.folder / str(number))
        sources = self.seen.files.sources()
        return [replace(done, sources=sources) for done in self.exported]


class Failed(BaseException):
    """A phase cannot be exported. It is no Exception, because scripts catch those."""

    def __init__(self, number, line, error):
        """Take the number of the phase, its line and the ExportError."""
        super().__init__()
        self.number, self.line, self.error = number, line, error


def export_script(request, folder, home):
    """Run the script of an `options.Request` and export its phases, each to a numbered folder in `folder`.

    A script that trains nothing is a file of a model: its build(), or its only model. Returns [export.Exported]. Raises
    ExportError and OSError.
    """
    build.begin(request)
    if request.spec.path.endswith(".py") and ownstep.in_file(request.spec.path):
        return [_step(request, folder, home)]
    phases = Phases(_absolute(request), folder.absolute(), home.absolute(), Observed(request))
    with fitting.watching(phases.take, phases.answers):
        try:
            ended = phases.seen.run()
        except Failed as failed:
            raise type(failed.error)(
                f"the fit(...) at line {failed.line}, number {failed.number} of the script: {failed.error}"
            ) from failed.error
    if phases.seen.loops.batches and not ended.error:
        phases.add(batchwise.author(phases.seen.loops.batches), "train_on_batch", phases.seen.loops.batches.line)
    if phases.exported:
        return phases.finished(ended)
    if phases.seen.loops.refusal:
        raise ExportError(f"{request.spec.text} cannot be timed: {ended.error}")
    if ended.error:
        raise ScriptError(f"{request.spec.text} fails: {ended.error}")
    if phases.seen.loops.passed:
        raise ExportError(f"{request.spec.text} cannot be timed: {phases.seen.loops.passed}")
    if ended.left:
        raise ExportError(f"{request.spec.text} trains nothing: {ended.left}")
    if phases.seen.started:
        raise ExportError(
            f"{request.spec.text} trains nothing itself: it starts processes of its own, at {phases.seen.started[0]}, "
            "and what those train cannot be seen; name a script that trains in its own process"
        )
    keras.utils.set_random_seed(SEED)
    done = _exported(request, folder, home, userfile.author_in(ended.namespace, request))
    phases.seen.describe(done.manifest, folder / "1")
    return [replace(done, sources=phases.seen.files.sources())]


def _absolute(request):
    """Return the request with the whole path of its file: a script may change the present folder."""
    path = request.spec.path
    return replace(request, spec=replace(request.spec, path=os.path.abspath(path))) if path else request


def _step(request, folder, home):
    """Export the step(x, y) of a file as the only phase of a script."""
    _check_arguments(request)
    done = _exported(request, folder, home, userfile.own_step(request))
    told = {"file": request.spec.text, "call": "step", "line": ownstep.line(request.spec.path), "phase": 1, "phases": 1}
    done.manifest["script"] = told | _arguments(request)
    manifest.write(folder / "1", done.manifest)
    return done


def _exported(request, folder, home, author, number=1):
    """Export the model of an `origin.Author` to the folder of that number in `folder`."""
    work = folder / str(number)
    work.mkdir()
    with own.code():
        return export.export(request, work, home, author)


def _check_arguments(request):
    """Raise UsageError for --arg and --width, which are for a function that returns a model."""
    if request.arguments or request.width:
        given = f"--arg {next(iter(request.arguments))}" if request.arguments else "--width"
        raise UsageError(f"{given}: {request.spec.text} is a script, and has no function to give it to")


def _arguments(request):
    return {"arguments": list(request.script_arguments)} if request.script_arguments else {}


@contextlib.contextmanager
def _as_it_was(model):
    """Afterwards the model is compiled as it was, and Keras traces its steps again."""
    kept = model.optimizer, model.jit_compile, model.run_eagerly
    try:
        yield
    finally:
        model.optimizer, model.jit_compile, model.run_eagerly = kept
        model.train_function = model.test_function = model.predict_function = None
