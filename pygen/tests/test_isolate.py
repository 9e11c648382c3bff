"""A function in a process of its own: what it prints, how it ends, what it leaves."""

import os
import signal
import subprocess
import threading
import time

import pytest

from pygen import isolate, printed
from pygen.errors import ExportError


@pytest.fixture(autouse=True)
def without_tensorflow(monkeypatch):
    monkeypatch.setattr(isolate, "import_tensorflow", lambda: None)
    monkeypatch.setattr(isolate, "_one_thread", lambda: None)


def fail(text="wrong"):
    raise ExportError(text)


def print_and_die(count):
    with open(1, "w") as output:  # sys.stdout is pytest's
        output.write("begin\n" + "x" * count + "\nend\n")
    os.kill(os.getpid(), signal.SIGKILL)


def print_natively():
    os.write(1, b"native\n")
    subprocess.run(["echo", "child"], check=True)
    fail()


def leave_child(then):
    subprocess.Popen(["sleep", "600"], stdout=None)
    if then == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def leave_printer():
    return subprocess.Popen(["sh", "-c", "trap '' PIPE; while :; do echo more; done"]).pid


def leave_thread():
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "done"


def test_output_of_a_failure():
    with pytest.raises(ExportError) as raised:
        isolate.run(print_natively)
    assert raised.value.log == "native\nchild\n"


def test_only_the_beginning_and_the_end_of_the_output_are_kept():
    with pytest.raises(isolate.CrashError, match="SIGKILL") as raised:
        isolate.run(print_and_die, 10 * printed.KEPT)
    log = raised.value.log
    assert log.startswith("begin\nxxx") and log.endswith("xxx\nend\n")
    left_out = 10 * printed.KEPT + len("begin\n\nend\n") - 2 * printed.KEPT
    assert f"… {left_out} bytes are left out …" in log
    assert len(log) < 2 * printed.KEPT + 100


@pytest.mark.parametrize("count", [0, printed.KEPT, 2 * printed.KEPT - len("begin\n\nend\n")])
def test_output_that_fits_is_whole(count):
    with pytest.raises(isolate.CrashError) as raised:
        isolate.run(print_and_die, count)
    assert raised.value.log == "begin\n" + "x" * count + "\nend\n"


def test_children_that_hold_the_pipes_keep_nobody_waiting():
    assert isolate.run(leave_child, "return") == "done"
    with pytest.raises(isolate.CrashError, match="SIGKILL"):
        isolate.run(leave_child, "die")


def test_a_child_that_prints_without_end():
    pid = isolate.run(leave_printer)
    os.kill(pid, signal.SIGKILL)


def test_threads_keep_nobody_waiting():
    assert isolate.run(leave_thread) == "done"


def test_no_descriptor_is_left_open():
    def open_now():
        return len(os.listdir("/proc/self/fd"))

    isolate.run(leave_thread)
    before = open_now()
    isolate.run(leave_thread)
    with pytest.raises(ExportError):
        isolate.run(fail)
    assert open_now() == before
