"""Compares readers of data files: python harness/dataset/files/testdata/peers.py [PART OF A NAME...] (needs Go).

Each file is read whole here, by BenchmarkOpen, and by the reader that people use, in turn, a process each, with as
many threads, from the system's cache of files. A process reads three times: the first read is what a launch has, and
the better of the others what is left once memory and threads are there. Printed are medians in seconds of the first,
and medians of the ratios of each turn, ours over theirs, with the least and the most: below 1 ours is faster. The
ratio of processor time, of all threads and reads, is less disturbed where other programs run.
A reader that this Python does not have is left out. PEERS_ROUNDS is the number of turns.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("PEERS_ROUNDS", "5"))
READS = 3


@dataclass(frozen=True)
class Case:
    """A file to read, and who reads it."""

    file: str
    write: Callable[[Path], None]
    tensors: str  # that it feeds, as BenchmarkOpen takes them
    peers: list[tuple[str, int]]  # readers, with their number of threads


# CSV

CSV_PEERS = [("pandas", 1), ("pyarrow.csv", 1), ("pyarrow.csv", 2)]
CSV_BYTES = 60e6
WORDS = ["alpha", "beta", "gamma,", "delta\n", '"epsilon"', "zeta", "eta", "theta"]


def short(random, columns: int) -> list[str]:
    """Return normal numbers of seven digits."""
    return [f"{v:.7g}" for v in random.normal(size=columns).astype("float32").tolist()]


def whole(random, columns: int) -> list[str]:
    """Return normal numbers with all digits of float64."""
    return [repr(v) for v in random.normal(size=columns).tolist()]


def integer(random, columns: int) -> list[str]:
    """Return integers of up to six digits."""
    return [str(v) for v in random.integers(-100_000, 100_000, columns).tolist()]


def write_csv(path: Path, columns: int, field: Callable):
    """Write lines of that many fields and a label."""
    random = np.random.default_rng(1)
    with path.open("w") as f:
        f.write(",".join(f"f{i}" for i in range(columns)) + ",label\n")
        i = 0
        while f.tell() < CSV_BYTES:
            values = iter(field(random, max(columns, 10_000)))
            for row in zip(*[values] * columns, strict=False):
                f.write(",".join(row) + f",{i % 10}\n")
                i += 1


def write_text(path: Path):
    """Write lines of a quoted text, a number and a label."""
    random = np.random.default_rng(1)
    with path.open("w") as f:
        f.write("s,x,label\n")
        while f.tell() < CSV_BYTES:
            for words in random.choice(WORDS, (1000, 8)):
                text = " ".join(words).replace('"', '""')
                f.write(f'"{text}",{random.normal():.7g},{len(text) % 10}\n')


def csv_cases() -> list[Case]:
    """Return the CSV files: few and many columns, short and long numbers, integers, text."""
    out = []
    for name, field in {"short": short, "whole": whole, "integer": integer}.items():
        for columns in (100,) if field is integer else (10, 100, 10_000):
            write = partial(write_csv, columns=columns, field=field)
            tensors = f"x:float32:{columns},label:int32"
            out.append(Case(f"{name}-{columns}.csv", write, tensors, CSV_PEERS))
    tensors = "s:string,x:float32,label:int32"
    return [*out, Case("text.csv", write_text, tensors, CSV_PEERS)]


def by_pandas(path: Path, threads: int) -> Callable:
    """Read CSV into a table, and its numbers into an array of float32. There is one thread."""
    import pandas as pd

    def read():
        table = pd.read_csv(path)
        features = table.drop(columns=["s", "label"], errors="ignore")
        return features.to_numpy(dtype="float32"), table["label"].to_numpy(), table

    return read


def by_pyarrow_csv(path: Path, threads: int) -> Callable:
    """Read CSV into a table of columns, which are not put side by side."""
    import pyarrow as pa
    from pyarrow import csv

    pa.set_cpu_count(threads)
    options = csv.ReadOptions(use_threads=threads > 1)
    parse = csv.ParseOptions(newlines_in_values=path.stem == "text")
    return lambda: csv.read_csv(path, options, parse)


# TFRecord: a list and a label in each example

TFDATA_PEERS = [("tensorflow.data", 1), ("tensorflow.data", 2)]


def write_tfrecord(path: Path, values: int, examples: int):
    """Write examples of a list x, of floats or integers as the name says, and a label."""
    import tensorflow as tf

    random = np.random.default_rng(1)
    with tf.io.TFRecordWriter(str(path)) as out:
        for i in range(examples):
            if path.stem.startswith("floats"):
                row = random.normal(size=values).astype("float32")
                x = tf.train.Feature(float_list=tf.train.FloatList(value=row))
            else:
                row = random.integers(0, 30_000, values)
                x = tf.train.Feature(int64_list=tf.train.Int64List(value=row))
            y = tf.train.Feature(int64_list=tf.train.Int64List(value=[i % 10]))
            features = tf.train.Features(feature={"x": x, "label": y})
            out.write(tf.train.Example(features=features).SerializeToString())


def tfrecord_cases() -> list[Case]:
    """Return the TFRecord files: short and long lists, of floats and of integers."""
    out = []
    for name, values, examples in (
        ("floats", 10, 400_000),
        ("floats", 100, 200_000),
        ("floats", 10_000, 4_000),
        ("integers", 100, 200_000),
    ):
        write = partial(write_tfrecord, values=values, examples=examples)
        dtype = "float32" if name == "floats" else "int64"
        tensors = f"x:{dtype}:{values},label:int32"
        out.append(Case(f"{name}-{values}.tfrecord", write, tensors, TFDATA_PEERS))
    return out


def by_tfdata(path: Path, threads: int) -> Callable:
    """Read a TFRecord file by one pass of tf.data."""
    import tensorflow as tf

    name, values = path.stem.split("-")
    dtype = tf.float32 if name == "floats" else tf.int64
    features = {
        "x": tf.io.FixedLenFeature([int(values)], dtype),
        "label": tf.io.FixedLenFeature([], tf.int64),
    }

    def examples(records):
        return tf.io.parse_example(records, features)

    options = tf.data.Options()
    options.threading.private_threadpool_size = threads
    options.threading.max_intra_op_parallelism = threads
    data = tf.data.TFRecordDataset(str(path)).batch(1000)
    data = data.map(examples, num_parallel_calls=threads).prefetch(2)
    data = data.with_options(options)
    return lambda: [None for _ in data]


# Parquet: ten features and a label

ROWS, TEN = 400_000, "x:float32:10,label:int32"
NAMES = [f"f{i}" for i in range(10)]


def ten() -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, 10) and labels (n,)."""
    random = np.random.default_rng(1)
    x = random.normal(size=(ROWS, 10)).astype("float32")
    return x, random.integers(0, 10, ROWS)


def write_parquet(path: Path):
    """Write features as a column each, and labels."""
    import pyarrow as pa
    from pyarrow import parquet

    x, y = ten()
    table = pa.table(dict(zip(NAMES, x.T, strict=True)) | {"label": y})
    parquet.write_table(table, path, row_group_size=100_000)


def by_pyarrow_parquet(path: Path, threads: int) -> Callable:
    """Read Parquet, and put its features side by side."""
    import pyarrow as pa
    from pyarrow import parquet

    pa.set_cpu_count(threads)

    def read():
        table = parquet.read_table(path)
        features = np.column_stack([table[name].to_numpy() for name in NAMES])
        return features, table["label"].to_numpy()

    return read


# The comparison

PEERS = {
    "pandas": by_pandas,
    "pyarrow.csv": by_pyarrow_csv,
    "tensorflow.data": by_tfdata,
    "pyarrow.parquet": by_pyarrow_parquet,
}


def cases() -> list[Case]:
    """Return all files, in the order of the table."""
    return [
        *csv_cases(),
        *tfrecord_cases(),
        Case("ten.parquet", write_parquet, TEN, [("pyarrow.parquet", 2)]),
    ]


@dataclass(frozen=True)
class Reads:
    """Seconds of the reads of one process: the first, the best later one, and processor time of each."""

    first: float
    later: float
    cpu: float


def theirs(peer: str, path: Path, threads: int) -> Reads:
    """Read by a peer in a process of its own."""
    command = [sys.executable, __file__, "--read", peer, str(path), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Reads(*map(float, done.stdout.split()[-3:]))


def ours(binary: Path, case: Case, path: Path, threads: int) -> Reads:
    """Read by BenchmarkOpen in a process of its own."""
    command = [binary, "-test.run=NONE", "-test.bench=Open"]
    command += ["-test.benchtime=1x", f"-test.count={READS}"]
    env = os.environ | {
        "BENCH_DATA": str(path),
        "BENCH_TENSORS": case.tensors,
        "GOMAXPROCS": str(threads),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=HERE.parent, env=env, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = [float(value) / 1e9 for value in re.findall(r"([\d.]+) ns/op", done.stdout)]
    return Reads(seconds[0], min(seconds[1:]), cpu / READS)


def read(peer: str, path: Path, threads: int):
    """Print what Reads has, of a peer in this process."""
    once = PEERS[peer](path, threads)
    seconds, before = [], time.process_time()
    for _ in range(READS):
        start = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - start)
    print(seconds[0], min(seconds[1:]), (time.process_time() - before) / READS)


def ratios(here: list[float], there: list[float]) -> str:
    """Return the median of ratios, their least and their most."""
    of = [a / b for a, b in zip(here, there, strict=True)]
    return f"{statistics.median(of):6.2f} {min(of):.2f}-{max(of):.2f}"


def compare(binary: Path, case: Case, path: Path):
    """Read a file here and there in turn, and print a line for each peer."""
    for peer, threads in case.peers:
        if find_spec(peer.split(".")[0]) is None:
            print(f"{case.file:<21} not measured: {peer} is missing")
            continue
        here, there = [], []
        for _ in range(ROUNDS):
            here.append(ours(binary, case, path, threads))
            there.append(theirs(peer, path, threads))
        print(
            f"{case.file:<21} {path.stat().st_size / 1e6:4.0f}  {peer:<16} {threads:>7}"
            f" {statistics.median(a.first for a in here):8.3f} {statistics.median(b.first for b in there):9.3f}"
            f" {ratios([a.first for a in here], [b.first for b in there]):>18}"
            f" {ratios([a.later for a in here], [b.later for b in there]):>18}"
            f" {ratios([a.cpu for a in here], [b.cpu for b in there]):>18}",
            flush=True,
        )


def main(parts: list[str]):
    """Make the files that are asked for, and print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        binary = Path(temporary) / "files.test"
        subprocess.run(["go", "test", "-c", "-o", binary, "."], cwd=HERE.parent, check=True)
        print(
            f"{'file':<21} {'MB':>4}  {'peer':<16} {'threads':>7} {'ours, s':>8} {'theirs, s':>9}"
            f" {'first read':>18} {'later read':>18} {'processor':>18}"
        )
        for case in cases():
            if parts and not any(part in case.file for part in parts):
                continue
            path = Path(temporary) / case.file
            try:
                case.write(path)
                compare(binary, case, path)
            except ImportError as err:
                print(f"{case.file:<21} not made: {err}")
            path.unlink(missing_ok=True)


if sys.argv[1:2] == ["--read"]:
    read(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
else:
    main(sys.argv[1:])
