import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["linear", "mlp", "cnn", "rnn", "lstm", "gru"]
DIGITS = ROOT / "testdata" / "digits.npz"


def command(*arguments):
    return [sys.executable, "-m", "pygen", *map(str, arguments)]


def pygen(*arguments, prefix=(), **env):
    """Run the command line as a person does, in a process of its own."""
    return subprocess.run(
        [*prefix, *command(*arguments)], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=300
    )


def export(out, *arguments, **env):
    """Export, which must work; returns what it printed on stdout."""
    done = pygen("export", *arguments, "--out", out, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifest(folder):
    return json.loads((Path(folder) / "graph.json").read_text())


def content(folder):
    """Every file of a folder with its bytes."""
    return {p.relative_to(folder): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


SERVER = """
import contextlib, io, json, sys
from pygen.cli import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(json.loads(line))
        except SystemExit as stop:
            code = stop.code
    print(json.dumps((code, out.getvalue(), err.getvalue())), flush=True)
"""


class CommandLines:
    """Runs command lines in processes, each of which imports TensorFlow once."""

    def __init__(self, processes):
        self.pool = ThreadPoolExecutor(processes)
        self.thread = threading.local()
        self.servers = []

    def submit(self, *commands):
        """Begin with some command lines, one after the other; returns a future of [(code, out, err)]."""
        return self.pool.submit(self._run, [[str(word) for word in words] for words in commands])

    def _run(self, commands):
        if not hasattr(self.thread, "server"):
            errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, closed with the process
            pipe = subprocess.PIPE
            self.thread.server = subprocess.Popen(
                [sys.executable, "-c", SERVER], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=errors, text=True
            )
            self.servers.append((self.thread.server, errors))
        return [self._ask(self.thread.server, words) for words in commands]

    @staticmethod
    def _ask(server, words):
        server.stdin.write(json.dumps(words) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        assert answer, f"the process ended at {words}"
        return json.loads(answer)

    def close(self):
        """End the processes; returns what they printed beside the answers, which should be nothing."""
        self.pool.shutdown(cancel_futures=True)
        stray = []
        for server, errors in self.servers:
            rest, _ = server.communicate()
            with errors:
                errors.seek(0)
                stray += [rest, errors.read()]
        return "".join(stray)


SHORT = CommandLines(1)
LONG = CommandLines(2)  # so that short ones need not wait for these


def pygen_many(*commands):
    """Run several command lines one after the other; returns (code, out, err) of each."""
    return SHORT.submit(*commands).result()


class LongExport:
    """Exports that a fixture waits for. They begin with the session, beside the tests that need none."""

    known = {}  # by the name of the fixture, in the order in which they begin

    def __init__(self, fixture, *commands):
        """Take the name of the fixture, and functions (folder) → command lines to run one after the other."""
        self.commands = commands
        self.folder, self.futures = None, []
        LongExport.known[fixture] = self

    def begin(self, folder):
        self.folder = folder
        self.futures = [LONG.submit(*command(folder)) for command in self.commands]

    def results(self):
        """Wait; returns (code, out, err) of each command line."""
        return [result for future in self.futures for result in future.result(timeout=900)]

    def exported(self):
        """Wait for exports that must all work; returns the folder."""
        for code, _, errors in self.results():
            assert code == 0, errors
        return self.folder


def pytest_collection_modifyitems(items):
    """Put tests that wait for long exports last, in the order in which these end."""
    names = list(LongExport.known)
    items.sort(key=lambda item: max((names.index(n) + 1 for n in item.fixturenames if n in names), default=0))


@pytest.fixture(scope="session", autouse=True)
def long_exports(request, tmp_path_factory):
    needed = {name for item in request.session.items for name in item.fixturenames}
    for name, export in LongExport.known.items():
        if name in needed:
            export.begin(tmp_path_factory.mktemp(name))
    yield
    assert SHORT.close() + LONG.close() == ""


@pytest.fixture(autouse=True)
def unchanged_process():
    """Put away what a test sets for its process: Keras's precision, and the seed by which shuffles repeat."""
    yield
    if "keras" in sys.modules:
        import keras
        from tensorflow.python.eager import context

        keras.config.set_dtype_policy("float32")
        context.context()._seed = None


def ragged_file(folder):
    """Write 30 sequences of 1 to 12 tokens below 7, labels below 4; returns the path."""
    random = np.random.default_rng(5)
    lengths = random.integers(1, 13, 30)
    lengths[3] = 12
    tokens = random.integers(0, 7, lengths.sum()).astype(np.uint8)
    tokens[0] = 6
    labels = np.arange(30) % 4
    path = folder / "words.npz"
    np.savez(path, x=tokens, y=labels, **{"x.lengths": lengths})
    return path


def export_words(out):
    words = ragged_file(out.parent)
    return [["export", "rnn", "--data", words, *more, "--out", out] for more in ([], ["--unroll"])]


GRAPHS = LongExport(
    "graphs",
    lambda out: [["export", *MODELS[::2], "--out", out]],
    lambda out: [["export", *MODELS[1::2], "--out", out]],
)
VARIANTS = LongExport(
    "variants",
    lambda out: [["export", "rnn", "cnn", "--jit", "--out", out]],
    lambda out: [["export", "rnn", "--fused", "--jit", "--parts", "2", "--out", out]],
    lambda out: [["export", "gru", "--fused", "--out", out], ["export", "rnn", "--unroll", "--out", out]],
    lambda out: [["export", "mlp", "--optimizer", "SGD", "--learning-rate", "0.05", "--batch", "48", "--out", out]],
    lambda out: [["export", "mlp", "cnn", "--data", DIGITS, "--out", out]],
    lambda out: [["export", "lstm", "gru", "--target", "gpu", "--out", out]],
    export_words,
)


@pytest.fixture(scope="session")
def graphs(long_exports):
    """All built-in models, plain, three exported together."""
    return GRAPHS.exported()


@pytest.fixture(scope="session")
def variants(long_exports):
    """One of each way in which an export can differ from the plain one."""
    return VARIANTS.exported()
