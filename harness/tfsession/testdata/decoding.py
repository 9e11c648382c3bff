"""Decoding throughput over tf.data's: PYTHONPATH=. python harness/tfsession/testdata/decoding.py (needs TensorFlow and Go).

500 computed JPEG files of 500×375 are decoded to 224×224×3 with two threads: here by tf.data (list, read, decode and
resize, batches of 32), there by BenchmarkDecode, in turn, a process each. Printed are images a second, the ratio, and the ratio of
images a second of processor time, which a busy machine disturbs less; above 1 Go is faster.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
THREADS, ROUNDS, IMAGES = 2, 7, 500


def generate(folder: Path):
    """Write IMAGES pictures, smooth with a little noise as photographs are, into two class folders."""
    import tensorflow as tf

    random = np.random.default_rng(1)
    y, x = np.meshgrid(np.arange(375), np.arange(500), indexing="ij")
    for k in range(IMAGES):
        waves = [128 + 90 * np.sin(x * a + y * b + k) for a, b in random.uniform(0.005, 0.08, (3, 2))]
        pixels = np.stack(waves, axis=-1) + random.normal(0, 8, (375, 500, 3))
        path = folder / f"class{k % 2}" / f"{k:03}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(tf.io.encode_jpeg(np.clip(pixels, 0, 255).astype("uint8"), quality=90).numpy())


def by_tfdata(folder: Path) -> tuple[float, float]:
    """Return the images a second of tf.data, and of processor time, the better of the last two of three passes."""
    import tensorflow as tf

    def load(path):
        image = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
        return tf.image.resize(image, (224, 224))

    data = tf.data.Dataset.list_files(str(folder / "*" / "*"), shuffle=False)
    data = data.map(load, num_parallel_calls=THREADS).batch(32).prefetch(2)
    options = tf.data.Options()
    options.threading.private_threadpool_size = THREADS
    data = data.with_options(options)
    seconds = []
    for _ in range(3):
        start = time.perf_counter(), time.process_time()
        for _ in data:
            pass
        seconds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return IMAGES / min(wall for wall, _ in seconds[1:]), IMAGES / min(cpu for _, cpu in seconds[1:])


def by_go(binary: Path, folder: Path) -> tuple[float, float]:
    """Return the images a second of BenchmarkDecode, and of processor time, the better of two passes."""
    command = [binary, "-test.run=NONE", "-test.bench=Decode", "-test.benchtime=1x", "-test.count=2"]
    env = os.environ | {"EPOCHTIME_IMAGES": str(folder)}
    done = subprocess.run(command, cwd=HERE.parent, env=env, capture_output=True, text=True, check=True)
    rate, processor = (
        max(float(value) for value in re.findall(rf"([\d.]+) {unit}\b", done.stdout)) for unit in ("images/s", "images/cpu-s")
    )
    return rate, processor


if len(sys.argv) > 1:
    print(*by_tfdata(Path(sys.argv[1])))
    sys.exit()
with tempfile.TemporaryDirectory() as temporary:
    folder, binary = Path(temporary) / "images", Path(temporary) / "decode.test"
    folder.mkdir()
    generate(folder)
    subprocess.run(["go", "test", "-c", "-o", binary, "."], cwd=HERE.parent, check=True)
    ratios = []
    for _ in range(ROUNDS):
        out = subprocess.run([sys.executable, __file__, folder], capture_output=True, text=True, check=True)
        data, go = [float(word) for word in out.stdout.split()[-2:]], by_go(binary, folder)
        ratios.append((go[0] / data[0], go[1] / data[1]))
        print(f"Go {go[0]:.0f}, tf.data {data[0]:.0f} images/s", end=", ")
        print("ratio {:.2f}, of processor time {:.2f}".format(*ratios[-1]), flush=True)
    wall, processor = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"median ratio {wall:.2f}, of processor time {processor:.2f}")
