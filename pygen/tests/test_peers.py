import json

import numpy as np
import pytest

from pygen.peers import compare, contenders, stats, table, work
from pygen.peers.__main__ import chosen

WORKS = {"rnn": {"model": "rnn"}, "cnn": {"model": "cnn"}}


def result(number, contender, seconds, losses=(2.0, 1.0), **more):
    """One measurement of `cnn` as compare.py records it."""
    measured = {"seconds": seconds, "losses": list(losses), "start_s": 1.0, "versions": {"numpy": "1"}}
    if "status" in more:
        measured = {}
    shared = {"wall_s": 2.0, "others_s": 0.1, "steal_s": 0.0, "status": "ok"}
    return {"round": number, "work": "cnn", "contender": contender, **shared, **measured, **more}


def record(*results):
    names = sorted({r["contender"] for r in results})
    return {
        "started": "2026-01-02T03:04:05+00:00",
        "command": "python -m pygen.peers",
        "settings": {"works": ["cnn"], "contenders": names, "rounds": 6, "seed": 1},
        "machine": {"cpu": "A CPU", "cores": 2, "memory_gib": 24, "kernel": "6.1", "python": "3.11"},
        "planned": len(results),
        "results": list(results),
    }


def test_order_is_whole_blocks_and_seeded():
    names = ["epochtime", "epochtime-unroll", "jax-jit"]
    planned = compare.order(WORKS, names, 3, 7)
    assert planned == compare.order(WORKS, names, 3, 7) != compare.order(WORKS, names, 3, 8)
    assert len(planned) == len(set(planned)) == 3 * (3 + 2)
    assert ("cnn", "epochtime-unroll") not in {place[1:] for place in planned}
    blocks = [place[:2] for place in planned]
    assert sum(a != b for a, b in zip(blocks, blocks[1:], strict=False)) == 3 * 2 - 1


def test_interval_by_order_statistics():
    assert stats.estimate([3.0]) == stats.Estimate(3.0, None, None, 0.0)
    five = stats.estimate([5, 1, 4, 2, 3])
    assert (five.median, five.low, five.high, five.confidence) == (3, 1, 5, 0.9375)
    nine = stats.estimate(range(9))
    assert (nine.low, nine.high) == (1, 7)
    assert nine.confidence == pytest.approx(1 - 2 * 10 / 512)


def test_interval_covers_the_median():
    random = np.random.default_rng(1)
    for n in (6, 9, 12):
        draws = [stats.estimate(random.lognormal(0, 1, n)) for _ in range(2000)]
        covered = np.mean([e.low <= 1 <= e.high for e in draws])
        assert covered == pytest.approx(draws[0].confidence, abs=0.02)


def test_ratios_are_paired_by_round():
    slow_rounds = [1, 10, 1, 10, 1, 10]
    results = [result(n, "epochtime", [s, 2 * s, s]) for n, s in enumerate(slow_rounds)]
    results += [result(n, "jax-jit", [2 * s]) for n, s in enumerate(slow_rounds)]
    rows = {row.name: row for row in stats.rows(record(*results), "cnn")}
    assert rows["jax-jit"].ratio == stats.Estimate(2.0, 2.0, 2.0, 1 - 2 / 2**6)
    assert rows["epochtime"].ratio is None


def test_other_losses_are_a_failure_and_not_timed():
    results = [result(0, "keras-fit", [1.0]), result(0, "epochtime", [1.0])]
    results.append(result(0, "jax-jit", [0.1], losses=(2.1, 1.0)))
    results.append(result(0, "torch-eager", [0.1], losses=(2.0, float("nan"))))
    results.append(result(0, "torch-compile", [], status="failed", reason="no | compiler"))
    rows = {row.name: row for row in stats.rows(record(*results), "cnn")}
    assert rows["epochtime"].time and not rows["epochtime"].reason
    for name, why in [
        ("jax-jit", "first epoch's loss is 2.1"),
        ("torch-eager", "last"),
        ("torch-compile", "no | comp"),
    ]:
        assert rows[name].time is None and why in rows[name].reason
    page = table.page(record(*results))
    assert "failed: no / compiler" in page and "0.10 s" not in page


def test_page_says_who_wins():
    results = [result(n, "epochtime", [0.2]) for n in range(6)]
    results += [result(n, "epochtime-jit", [0.1]) for n in range(6)]
    results += [result(n, "jax-jit", [0.15]) for n in range(6)]
    page = table.page(record(*results))
    assert "- **cnn**: slower than JAX (0.75)" in page
    assert "- **cnn**: faster than JAX (1.50)" in page
    assert "| **epochtime** | 200 ms | 200 ms – 200 ms | 1 | | 1.0 s | 2.0000 → 1.0000 |" in page


def test_few_rounds_say_nothing():
    results = [result(n, who, [s]) for n in range(4) for who, s in [("epochtime", 0.2), ("jax-jit", 0.1)]]
    assert "- **cnn**: not to be told from JAX (0.50)" in table.page(record(*results))


@pytest.mark.parametrize(
    "seconds, text", [(0, "0.00 µs"), (1.234e-5, "12.3 µs"), (0.1239, "124 ms"), (1.5, "1.50 s"), (2e-3, "2.00 ms")]
)
def test_duration(seconds, text):
    assert table.duration(seconds) == text


def test_a_process_that_fails_is_a_result(tmp_path, monkeypatch):
    monkeypatch.setattr(contenders, "environment", lambda scratch: {})
    failed = compare.measure("jax-jit", ["/bin/sh", "-c", "echo why >&2; exit 3"], tmp_path, 10)
    assert (failed["status"], failed["reason"]) == ("failed", "why")
    slow = compare.measure("jax-jit", ["/bin/sh", "-c", "sleep 60"], tmp_path, 0.2)
    assert "longer than 0.2 s" in slow["reason"]
    good = compare.measure("jax-jit", ["/bin/sh", "-c", """echo noise; echo '{"seconds": [1]}'"""], tmp_path, 10)
    assert good["status"] == "ok" and good["seconds"] == [1]


def test_epochtime_record_is_read():
    epochs = [{"warmup": k < 2, "seconds": k, "loss": 9 - k, "start_s": 2.0 + k} for k in range(4)]
    launch = {"status": "ok", "reason": "", "tensorflow": "2", "epochs": epochs}
    text = {"started": "1970-01-01T00:01:40.25Z", "epochtime": "0.1.0", "runs": [{"launches": [launch]}]}
    read = contenders.read_record(json.dumps(text), 100.0)
    assert read["seconds"] == [2, 3] and read["losses"] == [9, 8, 7, 6]
    assert read["start_s"] == pytest.approx(4.25)
    launch |= {"status": "oom", "reason": "no memory"}
    with pytest.raises(ValueError, match="no memory"):
        contenders.read_record(json.dumps(text), 100.0)


def test_batches_are_padded(tmp_path):
    (tmp_path / "work.json").write_text(json.dumps({"model": "rnn", "batch": 2, "epochs": 1}))
    np.savez(
        tmp_path / "data.npz", **{"x": np.arange(1, 7), "x.lengths": np.array([1, 3, 2]), "y": np.array([7, 8, 9])}
    )
    batches = [(x.tolist(), y.tolist()) for x, y in work.Work(tmp_path).batches()]
    assert batches == [([[1, 0, 0], [2, 3, 4]], [7, 8]), ([[5, 6]], [9])]


def test_unknown_contender_is_named():
    with pytest.raises(SystemExit, match="no contender nobody; there are epochtime"):
        chosen(["nobody"])
