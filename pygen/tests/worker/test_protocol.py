"""The job in, the events out, and standard output for them alone."""

import contextlib
import json
import os
import subprocess
import sys
import threading

import pytest

from pygen.tests.conftest import ROOT
from pygen.worker import protocol
from pygen.worker.protocol import Channel, Failure

JOB = {"protocol": 3, "kind": "train", "graph": "/g", "sha256": "00", "config": {"warmup": 1, "epochs": 2}}


def line(**change):
    return json.dumps(JOB | change).encode()


@pytest.fixture
def pipes():
    """A Channel, and the ends of its pipes: of its events, to be read, and of its orders, to be written."""
    orders, orders_in = os.pipe()
    events_out, events = os.pipe()
    yield Channel(events, orders), events_out, orders_in
    for end in (orders, orders_in, events_out, events):
        with contextlib.suppress(OSError):  # the test may have closed it
            os.close(end)


def events(end):
    return [json.loads(each) for each in os.read(end, 1 << 20).splitlines()]


def test_a_job():
    job = protocol.parse(line(examples="/x.npz", parent=7))
    assert (job.graph, job.examples, job.parent, job.runtime, job.epochs) == ("/g", "/x.npz", 7, "go", 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no line of JSON"),
        (b"[1]", "no line of JSON"),
        (b"\xff", "no line of JSON"),
        (line(protocol=1), "the parent speaks protocol 1 and this worker 3"),
        (line(later=1), "later"),
        (line(kind="trace"), "no job of kind 'trace'"),
    ],
)
def test_a_job_that_is_refused(text, reason):
    with pytest.raises(Failure, match=reason) as raised:
        protocol.parse(text)
    assert raised.value.code == "job"


def test_lines_of_orders(pipes):
    channel, _, orders = pipes
    os.write(orders, b'{"a"')
    os.write(orders, b":1}\nrest")
    assert channel.read_line() == b'{"a":1}'
    os.close(orders)
    assert channel.read_line() == b""


def test_a_line_too_long(pipes, monkeypatch):
    channel, _, orders = pipes
    monkeypatch.setattr(protocol, "MOST", 10)
    os.write(orders, b"x" * 11)
    with pytest.raises(Failure, match="longer than 10 bytes"):
        channel.read_line()


def test_events(pipes):
    channel, end, _ = pipes
    channel.send("loaded", {"load_s": 1.5, "env": {"A": "ü\n"}})
    channel.send("epoch", {"loss": float("nan"), "metrics": {"a": float("inf"), "b": [float("-inf")]}})
    channel.send("done")
    channel.send("epoch", {"loss": 1.0})  # after the last word
    assert events(end) == [
        {"event": "loaded", "loaded": {"load_s": 1.5, "env": {"A": "ü\n"}}},
        {"event": "epoch", "epoch": {"loss": None, "metrics": {"a": None, "b": [None]}}},
        {"event": "done"},
    ]


def test_the_last_word_of_a_worker_that_fails(pipes, capsys):
    channel, end, _ = pipes
    channel.fail(Failure("data", "no file", "make it"))
    channel.fail(Failure("job", "later"))
    assert events(end) == [{"event": "error", "error": {"code": "data", "message": "no file", "hint": "make it"}}]
    assert "no file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "reason"), [(b'{"request":"stop"}\n', "asked the worker to stop"), (None, "the parent is gone")]
)
def test_a_worker_that_is_to_stop(pipes, said, reason):
    channel, end, orders = pipes
    left = threading.Event()
    codes = []
    channel.heed(leave=lambda code: (codes.append(code), left.set()))
    os.write(orders, said) if said else os.close(orders)
    assert left.wait(30) and codes == [1]
    (event,) = events(end)
    assert event["error"]["code"] == "interrupted" and reason in event["error"]["message"]


@pytest.mark.parametrize("last", ["done", "error"])
def test_a_worker_whose_parent_hangs_up_after_its_last_word(pipes, last):
    """It is done, and not interrupted: its exit status is its own."""
    channel, end, orders = pipes
    codes, before = [], set(threading.enumerate())
    channel.send(last)
    channel.heed(leave=codes.append)
    os.close(orders)
    for waiting in set(threading.enumerate()) - before:
        waiting.join(30)
    assert codes == [] and events(end) == [{"event": last}]


def test_standard_output_is_for_events_alone():
    """What Python, a child and native code print there goes to stderr, and none of them can read the orders."""
    code = (
        "import os, subprocess, sys\n"
        "from pygen.worker.protocol import take_standard_streams\n"
        "channel = take_standard_streams()\n"
        "print('of Python', flush=True)\n"
        "os.write(1, b'of native code\\n')\n"
        "subprocess.run(['echo', 'of a child'])\n"
        "print('read', repr(sys.stdin.read()), flush=True)\n"
        "channel.send('hello', {'line': channel.read_line().decode()})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input="order\n", capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout) == {"event": "hello", "hello": {"line": "order"}}
    assert done.stderr.splitlines() == ["of Python", "of native code", "of a child", "read ''"]
