"""The data sets of keras.datasets, in the files that Keras downloads."""

import gzip
import io
import json
import pickle
import struct

import numpy as np


def mnist(train=60000, test=10000):
    """Return mnist.npz, at its real size: a script reshapes it to 60,000 rows."""
    rng = np.random.default_rng(0)
    return _npz(
        x_train=rng.integers(0, 256, (train, 28, 28), np.uint8),
        y_train=rng.integers(0, 10, train, np.uint8),
        x_test=rng.integers(0, 256, (test, 28, 28), np.uint8),
        y_test=rng.integers(0, 10, test, np.uint8),
    )


def fashion(name, train=3000, test=500):
    """Return one of the four files of Fashion-MNIST."""
    rng = np.random.default_rng(len(name))
    count = train if name.startswith("train") else test
    if "labels" in name:
        return gzip.compress(struct.pack(">II", 2049, count) + rng.integers(0, 10, count, np.uint8).tobytes())
    head = struct.pack(">IIII", 2051, count, 28, 28)
    return gzip.compress(head + rng.integers(0, 256, (count, 28, 28), np.uint8).tobytes(), 1)


def imdb(train=10640, test=400):
    """Return imdb.npz. A script keeps 10,000 for validation."""
    rng = np.random.default_rng(0)

    def reviews(count):
        found = np.empty(count, object)
        found[:] = [rng.integers(1, 30000, rng.integers(5, 60)).tolist() for _ in range(count)]
        return found

    halves = [np.arange(count) % 2 for count in (train, test)]
    return _npz(x_train=reviews(train), y_train=halves[0], x_test=reviews(test), y_test=halves[1])


def reuters(count=1600):
    """Return reuters.npz. A script keeps 1,000 for validation."""
    rng = np.random.default_rng(0)
    x = np.empty(count, object)
    x[:] = [rng.integers(1, 30000, rng.integers(5, 60)).tolist() for _ in range(count)]
    return _npz(x=x, y=np.arange(count) % 46)


def california(count=800):
    """Return california_housing.npz."""
    rng = np.random.default_rng(0)
    return _npz(x=rng.normal(size=(count, 8)), y=rng.uniform(1e4, 5e5, count))


def word_index(count=30000):
    """Return the JSON file of the words that imdb.npz has."""
    return json.dumps({f"word{i}": i for i in range(1, count + 1)}).encode()


def boston(count=506):
    """Return boston_housing.npz."""
    rng = np.random.default_rng(0)
    return _npz(x=rng.normal(size=(count, 13)), y=rng.uniform(5, 50, count))


def cifar10(test=10000):
    """Yield (path, bytes) of CIFAR-10. Keras insists on five files of 10,000 images."""
    rng = np.random.default_rng(0)
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        count = test if name == "test_batch" else 10000
        yield f"cifar-10-batches-py/{name}", _cifar(rng, count, b"labels", 10)


def cifar100(train=1000, test=300):
    """Yield (path, bytes) of CIFAR-100."""
    rng = np.random.default_rng(0)
    for name, count in ("train", train), ("test", test):
        yield f"cifar-100-python/{name}", _cifar(rng, count, b"fine_labels", 100)


def _cifar(rng, count, key, classes):
    data = rng.integers(0, 256, (count, 3072), np.uint8)
    return pickle.dumps({b"data": data, key: rng.integers(0, classes, count).tolist()})


def _npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()
