"""Compares the rate of a probe's float32 matrix product with NumPy's on the same cores.

    .venv/bin/python harness/probe/testdata/against_numpy.py [--rounds 8] [--threads 2]

Each round is a launch of `epochtime probe` and processes of NumPy, in turn. Each takes the fastest call of the best of
the same sizes. OpenBLAS takes kernels of half the vector width on processors that it does not know, so where there is
AVX-512 NumPy is also run with its kernels for that (OPENBLAS_CORETYPE), and the faster of the two counts. Prints each
round, NumPy's BLAS, and the median of the ratios with its interval by order statistics.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

SIZES = (128, 256, 512, 1024, 2048, 4096)
SECONDS = 2.0  # of NumPy, over all sizes

ROOT = pathlib.Path(__file__).resolve().parents[3]


def numpy_rate():
    """Print the highest rate of a product in operations a second, and the BLAS that computes it."""
    import numpy as np

    best = 0.0
    for n in SIZES:
        rng = np.random.default_rng(n)
        a, b = (rng.random((n, n), dtype=np.float32) for _ in range(2))
        out = np.empty((n, n), np.float32)
        np.matmul(a, b, out=out)
        begun, calls = time.perf_counter(), 0
        while calls < 3 or time.perf_counter() - begun < SECONDS / len(SIZES):
            start = time.perf_counter()
            np.matmul(a, b, out=out)
            best = max(best, 2 * n**3 / (time.perf_counter() - start))
            calls += 1
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    print(json.dumps({"rate": best, "blas": blas.get("openblas configuration") or blas["name"]}))


def run(command, **variables):
    """Return the JSON that a command prints."""
    return json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | variables).stdout
    )


def kernels():
    """Return the variables under which NumPy is run: none, and those of kernels that its BLAS may not choose itself."""
    wide = "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()
    return [{}, {"OPENBLAS_CORETYPE": "SkylakeX"}] if wide else [{}]


def round_of(threads):
    """Return the rate of the probe, those of NumPy, and NumPy's BLAS."""
    words = [
        "probe",
        "--launches",
        "1",
        "--intra-op",
        str(threads),
        "--db",
        "none",
        "--allow-concurrent",
        "--json",
        "-",
    ]
    limits = run([ROOT / "bin" / "epochtime", *words])["limits"][0]["rates"]
    probed = next(r["value"]["median"] for r in limits if r["name"] == "matmul-float32")
    number = {"OPENBLAS_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    there = [run([sys.executable, __file__, "--numpy"], **number, **chosen) for chosen in kernels()]
    return probed, [t["rate"] for t in there], there[0]["blas"]


def interval(values, confidence=0.95):
    """Return the narrowest interval by order statistics that covers the median so often; None with too few values."""
    values, n, found = sorted(values), len(values), None
    for rank in range(n // 2):
        outside = 2 * sum(math.comb(n, k) for k in range(rank + 1)) / 2**n
        if outside > 1 - confidence:
            break
        found = values[rank], values[n - 1 - rank]
    return found


def main():
    """Compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--numpy", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.numpy:
        numpy_rate()
        return
    ratios = []
    for n in range(given.rounds):
        probed, there, blas = round_of(given.threads)
        if n == 0:
            print(f"NumPy's BLAS: {blas}; {given.threads} threads")
        ratios.append(probed / max(there))
        rates = " and ".join(f"{rate / 1e9:.0f}" for rate in there)
        print(
            f"round {n + 1}: probe {probed / 1e9:.0f} GFLOP/s, NumPy {rates} GFLOP/s, ratio {ratios[-1]:.3f}",
            flush=True,
        )
    found = interval(ratios)
    text = f"{found[0]:.3f} to {found[1]:.3f}" if found else "none: it takes six rounds"
    print(f"probe over NumPy: {statistics.median(ratios):.3f}, 95 % interval {text}")


if __name__ == "__main__":
    main()
