"""Reading throughput over TensorFlow's and pyarrow's: python harness/dataset/files/testdata/peers.py (needs TensorFlow and Go).

A CSV, a TFRecord and, where pyarrow can be imported, a Parquet file of ten features and a label are read whole with two
threads: here by BenchmarkOpen, there by the peer, in turn, a process each. Printed are seconds and their ratio; above 1 Go
is faster.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
THREADS, ROUNDS, ROWS = 2, 5, 400_000
NAMES = [f"f{i}" for i in range(10)]


def write_csv(path: Path, x: np.ndarray, y: np.ndarray):
    """Write features x (n, 10) and labels y (n,) as text of seven digits."""
    with path.open("w") as f:
        f.write(",".join(NAMES) + ",label\n")
        np.savetxt(
            f, np.column_stack([x, y]), fmt=["%.7g"] * 10 + ["%d"], delimiter=","
        )


def write_tfrecord(path: Path, x: np.ndarray, y: np.ndarray):
    """Write each row of x (n, 10) as a float list x, with its label of y (n,)."""
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(path)) as out:
        for row, label in zip(x, y, strict=True):
            values = tf.train.Feature(float_list=tf.train.FloatList(value=row))
            number = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
            features = tf.train.Features(feature={"x": values, "label": number})
            out.write(tf.train.Example(features=features).SerializeToString())


def write_parquet(path: Path, x: np.ndarray, y: np.ndarray):
    """Write features x (n, 10) as a column each, and labels y (n,)."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table(dict(zip(NAMES, x.T, strict=True)) | {"label": y})
    parquet.write_table(table, path, row_group_size=100_000)


def by_tfdata(path: Path) -> float:
    """Return the seconds of tf.data, the better of the last two of three passes."""
    import tensorflow as tf

    def numbers(lines):
        return tf.io.decode_csv(lines, [[0.0]] * 10 + [[0]])

    def examples(records):
        features = {
            "x": tf.io.FixedLenFeature([10], tf.float32),
            "label": tf.io.FixedLenFeature([], tf.int64),
        }
        return tf.io.parse_example(records, features)

    if path.suffix == ".csv":
        data, decode = tf.data.TextLineDataset(str(path)).skip(1), numbers
    else:
        data, decode = tf.data.TFRecordDataset(str(path)), examples
    data = data.batch(1000).map(decode, num_parallel_calls=THREADS).prefetch(2)
    return passes(lambda: [None for _ in data])


def by_pyarrow(path: Path) -> float:
    """Return the seconds of pyarrow to arrays of NumPy, the better of the last two of three passes."""
    import pyarrow as pa
    from pyarrow import parquet

    pa.set_cpu_count(THREADS)
    return passes(
        lambda: [column.to_numpy() for column in parquet.read_table(path).columns]
    )


def passes(read) -> float:
    """Return the seconds of read(), the better of the last two of three."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        read()
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def by_go(binary: Path, path: Path) -> float:
    """Return the seconds of BenchmarkOpen, the better of two passes."""
    command = [
        binary,
        "-test.run=NONE",
        "-test.bench=Open",
        "-test.benchtime=1x",
        "-test.count=2",
    ]
    env = os.environ | {"BENCH_DATA": str(path), "GOMAXPROCS": str(THREADS)}
    done = subprocess.run(
        command, cwd=HERE.parent, env=env, capture_output=True, text=True, check=True
    )
    return (
        min(float(value) for value in re.findall(r"([\d.]+) ns/op", done.stdout)) / 1e9
    )


def compare(binary: Path, path: Path):
    """Read the file here and there in turn, and print a line of the table."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(by_go(binary, path))
        out = subprocess.run(
            [sys.executable, __file__, path], capture_output=True, text=True, check=True
        )
        theirs.append(float(out.stdout.split()[-1]))
    ratios = [there / here for here, there in zip(ours, theirs, strict=True)]
    megabytes = path.stat().st_size / 1e6
    print(
        f"{path.name:<14} {megabytes:5.0f} {statistics.median(ours):9.2f} {statistics.median(theirs):9.2f}",
        end="",
    )
    print(
        f" {statistics.median(ratios):6.2f}  {min(ratios):.2f}-{max(ratios):.2f}",
        flush=True,
    )


def main():
    """Make the files and print the table."""
    random = np.random.default_rng(1)
    x, y = (
        random.normal(size=(ROWS, 10)).astype("float32"),
        random.integers(0, 10, ROWS),
    )
    writers = {
        "d.csv": write_csv,
        "d.tfrecord": write_tfrecord,
        "d.parquet": write_parquet,
    }
    with tempfile.TemporaryDirectory() as temporary:
        binary = Path(temporary) / "dataset.test"
        subprocess.run(
            ["go", "test", "-c", "-o", binary, "."], cwd=HERE.parent, check=True
        )
        print(
            f"{'file':<14} {'MB':>5} {'ours, s':>9} {'theirs, s':>9} {'ratio':>6}  min-max"
        )
        for name, write in writers.items():
            path = Path(temporary) / name
            if path.suffix == ".parquet" and find_spec("pyarrow") is None:
                print(f"{name:<14} not measured: pyarrow is missing")
                continue
            write(path, x, y)
            compare(binary, path)


if len(sys.argv) > 1:
    file = Path(sys.argv[1])
    print(by_pyarrow(file) if file.suffix == ".parquet" else by_tfdata(file))
else:
    main()
