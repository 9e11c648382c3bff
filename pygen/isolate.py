"""Run a function in a process of its own, without its output, and survive its death."""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import traceback
import warnings

from pygen.author import process
from pygen.errors import ExportError
from pygen.printed import Printed

# A fork after TensorFlow is imported saves its import for each graph. Only Linux forks safely.
_CONTEXT = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_held_back = []
_LOOKS = 0.2  # seconds between looks at whether the process lives: its end of the pipe may live on in its children
_PATIENCE = 5  # seconds that a process has to end when it is told to


class CrashError(Exception):
    """The function failed in a way that was not foreseen; `log` is what was printed, as `Printed.text` returns it."""

    def __init__(self, message, log):
        """Take a short message and the log."""
        super().__init__(message)
        self.log = log


def import_tensorflow():
    """Import TensorFlow and Keras, without their output and with no GPU. Raises ExportError, CrashError."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault(process.GIVEN_BACKEND, os.environ.get(process.BACKEND, ""))
    os.environ[process.BACKEND] = "tensorflow"
    with tempfile.TemporaryFile() as log:
        try:
            with _redirected(log.fileno()):
                import keras
                import tensorflow  # noqa: F401

                # ~/.keras/keras.json must not change the graphs.
                keras.config.set_floatx("float32")
                keras.config.set_image_data_format("channels_last")
        except ModuleNotFoundError as error:
            missing = f"{error.name} is not installed for {sys.executable}"
            installs = f"'{sys.executable} -m pip install {error.name}' installs it"
            raise ExportError(f"{missing}: {installs}; `make setup` makes a .venv that has it") from error
        except Exception as error:
            log.seek(0)
            raise CrashError(f"TensorFlow cannot be imported: {error}", log.read().decode(errors="replace")) from error


def run(function, *arguments):
    """Return function(*arguments), called in a new process.

    Raises the function's ExportError, with what was printed as its `log`, or CrashError for any other failure.
    """
    with contextlib.closing(Printed(_CONTEXT)) as printed, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of fork with threads
        receiver, sender = _CONTEXT.Pipe(duplex=False)
        child = _CONTEXT.Process(target=_child, args=(sender, printed.writer, function, arguments))
        try:
            with _signals_wait():
                child.start()
                sender.close()
            printed.drain()
            outcome, value = _receive(receiver, child)
        except EOFError:
            child.join()
            raise CrashError(_how_it_ended(child.exitcode), printed.text()) from None
        finally:
            receiver.close()
            if child.pid is not None:
                _end(child, told=sys.exc_info()[0] is not None)
                child.close()
        if outcome == "error":
            value.log = printed.text()
            raise value
        if outcome == "crash":
            raise CrashError(value, printed.text())
        return value


def _receive(receiver, child):
    """Return what the child sends. Raises EOFError if it ends without that."""
    while not receiver.poll(_LOOKS):
        if child.exitcode is not None and not receiver.poll(0):
            raise EOFError
    return receiver.recv()


def _end(child, told):
    """Wait for the end of the child, which is `told` to end, or else is about to."""
    if told:
        child.terminate()
    for _ in range(int(_PATIENCE / _LOOKS)):
        if child.exitcode is not None:
            return
        child.join(_LOOKS)
    child.kill()
    child.join()


def _child(sender, printed, function, arguments):
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if _held_back:  # an interrupt came since the fork
        os._exit(1)
    with _redirected(printed.fileno()):
        try:
            import_tensorflow()
            _one_thread()
            outcome = "ok", function(*arguments)
        except ExportError as error:
            outcome = "error", error
        except OSError as error:
            outcome = "error", ExportError(str(error))
        except Exception as error:
            traceback.print_exc()
            outcome = "crash", f"{type(error).__name__}: {error}"
    sender.send(outcome)
    os._exit(0)  # threads of a script may never end


@contextlib.contextmanager
def _signals_wait():
    """Hold back interrupts, because Python swallows an exception that is raised inside its fork handlers.

    They are held back by their handlers: a blocked signal would reach another thread, and Python's handler from there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.signal(number, lambda number, frame: _held_back.append(number)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        held_back = _held_back.copy()
        _held_back.clear()
        for number in held_back:
            signal.raise_signal(number)


def _one_thread():
    """Use one thread and rewrite no graph, so that sums are the same every time."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _how_it_ended(code):
    if code is not None and code < 0:
        return f"the exporting process was ended by {signal.Signals(-code).name}"
    return f"the exporting process ended with exit code {code}"


@contextlib.contextmanager
def _redirected(descriptor):
    """Send what is written to stdout and stderr, by native code too, to an open descriptor."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in zip((1, 2), saved, strict=True):
            os.dup2(copy, number)
            os.close(copy)
