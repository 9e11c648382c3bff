import inspect

import numpy as np
import pytest

from pygen.errors import ExportError
from pygen.examples.datafile import DataFile
from pygen.models import cnn, linear, rnn

BUILD = {module.__name__.split(".")[-1]: inspect.signature(module.build).parameters for module in (cnn, linear, rnn)}
IMAGES = np.zeros((6, 4, 4), np.uint8)
LABELS = np.arange(6)
TOKENS = np.ones((6, 3), np.int64)


def load(path, model="cnn", **arrays):
    np.savez(path, **arrays)
    return DataFile(path, model, BUILD[model])


BAD = {
    "no y": ("cnn", {"x": IMAGES}, "has no array y; it holds x"),
    "neither": ("cnn", {"a": IMAGES}, "has no array x and no y; it holds a"),
    "no arrays": ("cnn", {}, "has no array x and no y; it holds nothing"),
    "empty": ("cnn", {"x": IMAGES[:0], "y": LABELS[:0]}, "holds no examples"),
    "empty examples": ("cnn", {"x": np.zeros((6, 0, 4), np.uint8), "y": LABELS}, "its examples are empty"),
    "lengths differ": ("cnn", {"x": IMAGES, "y": LABELS[:4]}, "6 examples in x and 4 in y"),
    "empty x": ("cnn", {"x": IMAGES[:0], "y": LABELS}, "0 examples in x and 6 in y"),
    "float labels": ("cnn", {"x": IMAGES, "y": LABELS + 0.5}, "integers from 0, not float64"),
    "negative labels": ("cnn", {"x": IMAGES, "y": LABELS - 1}, "integers from 0, not -1"),
    "huge labels": ("cnn", {"x": IMAGES, "y": LABELS + 2**40}, "fit int32"),
    "one-hot labels": ("cnn", {"x": IMAGES, "y": np.eye(6, dtype=int)}, "one label for each example"),
    "scalar": ("cnn", {"x": IMAGES, "y": np.int64(3)}, "is a single value"),
    "nan": ("cnn", {"x": np.full((6, 4, 4), np.nan), "y": LABELS}, "no finite float32, at 0"),
    "too large": ("cnn", {"x": np.full((6, 4, 4), 1e300), "y": LABELS}, "no finite float32, at 0"),
    "text": ("cnn", {"x": np.array(["a"] * 6), "y": LABELS}, "is of type <U1"),
    "objects": ("cnn", {"x": np.array([{}] * 6), "y": LABELS}, "x of .* cannot be read"),
    "big-endian": ("cnn", {"x": IMAGES.astype(">i4"), "y": LABELS}, "is of type >i4"),
    "fortran": ("cnn", {"x": np.asfortranarray(np.ones((6, 4, 4))), "y": LABELS}, "Fortran order"),
    "sequences for images": ("cnn", {"x": LABELS, "y": LABELS[:2], "x.lengths": np.array([2, 4])}, "cnn does not take"),
    "nan target": ("linear", {"x": np.ones((6, 2)), "y": np.full(6, np.nan)}, "no finite float32"),
    "two targets": ("linear", {"x": np.ones((6, 2)), "y": np.ones((6, 2))}, "one number for each example"),
    "float tokens": ("rnn", {"x": TOKENS + 0.5, "y": LABELS}, "must hold tokens for rnn: integers from 0"),
    "negative tokens": ("rnn", {"x": -TOKENS, "y": LABELS}, "integers from 0, not -1"),
    "images for tokens": ("rnn", {"x": IMAGES, "y": LABELS}, "sequences of one length as a matrix"),
    "lengths too long": (
        "rnn",
        {"x": LABELS, "y": LABELS[:2], "x.lengths": np.array([2, 5])},
        "add up to 7, and x holds 6",
    ),
    "a length of 0": ("rnn", {"x": LABELS, "y": LABELS[:2], "x.lengths": np.array([0, 6])}, "holds 0, at 0"),
    "no lengths": ("rnn", {"x": LABELS, "y": LABELS[:0], "x.lengths": np.zeros(0, np.int64)}, "holds no examples"),
    "float lengths": ("rnn", {"x": LABELS, "y": LABELS[:2], "x.lengths": np.array([2.0, 4.0])}, "vector of int64"),
}


@pytest.mark.parametrize(("model", "arrays", "message"), BAD.values(), ids=BAD)
def test_bad_file(model, arrays, message, tmp_path):
    with pytest.raises(ExportError, match=message) as caught:
        load(tmp_path / "d.npz", model, **arrays)
    assert "d.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_not_an_archive(tmp_path):
    path = tmp_path / "d.npz"
    with pytest.raises(ExportError, match="cannot be read: no such file"):
        DataFile(path, "cnn", BUILD["cnn"])
    for text in (b"", b"hello", b"PK\x03\x04 and no more"):
        path.write_bytes(text)
        with pytest.raises(ExportError, match="is not an .npz file, or is damaged"):
            DataFile(path, "cnn", BUILD["cnn"])
    np.save(tmp_path / "one.npy", IMAGES)
    with pytest.raises(ExportError, match="is a single array"):
        DataFile(tmp_path / "one.npy", "cnn", BUILD["cnn"])
    np.savez(path, x=IMAGES, y=LABELS)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ExportError, match="damaged"):
        DataFile(path, "cnn", BUILD["cnn"])
    with pytest.raises(ExportError, match="cannot be read"):
        DataFile(tmp_path, "cnn", BUILD["cnn"])


def test_flipped_byte(tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, x=IMAGES, y=LABELS)
    data = bytearray(path.read_bytes())
    data[data.index(bytes(90))] ^= 1
    path.write_bytes(data)
    with pytest.raises(ExportError, match="damaged|cannot be read"):
        DataFile(path, "cnn", BUILD["cnn"])


def test_shapes_come_from_the_file(tmp_path):
    file = load(tmp_path / "d.npz", x=IMAGES, y=LABELS)
    assert file.build_arguments("cnn", BUILD["cnn"], False) == {"input_shape": (4, 4, 1), "classes": 6}
    colour = load(tmp_path / "d.npz", x=np.zeros((6, 4, 4, 3), np.float32), y=LABELS)
    assert colour.build_arguments("cnn", BUILD["cnn"], False) == {"input_shape": (4, 4, 3), "classes": 6}
    line = load(tmp_path / "d.npz", "linear", x=np.ones(6), y=np.ones(6))
    assert line.build_arguments("linear", BUILD["linear"], False) == {"input_shape": (1,)}
    tokens = load(tmp_path / "d.npz", "rnn", x=TOKENS, y=LABELS)
    assert tokens.build_arguments("rnn", BUILD["rnn"], False) == {"vocabulary": 2, "classes": 6}
    assert tokens.build_arguments("rnn", BUILD["rnn"], True)["length"] == 3


def test_examples_of_the_wrong_rank(tmp_path):
    file = load(tmp_path / "d.npz", x=np.ones((6, 4)), y=LABELS)
    with pytest.raises(ExportError, match="3 dimensions, and those of .* have 1"):
        file.build_arguments("cnn", BUILD["cnn"], False)


@pytest.mark.parametrize(
    ("x", "factor"),
    [(IMAGES, None), (IMAGES + 1, None), (IMAGES + 255, 1 / 255), (IMAGES - np.int64(8), 1 / 8), (IMAGES + 2.0, None)],
    ids=["zero", "one", "byte", "negative", "float"],
)
def test_scale(x, factor, tmp_path):
    file = load(tmp_path / "d.npz", x=x, y=LABELS)
    expected = [{"op": "scale", "input": "x", "factor": factor}] if factor else []
    assert file.preprocess([{"name": "x", "shape": [None, 4, 4, 1]}]) == expected


def test_distinct_examples_come_first(tmp_path):
    x = np.array([5, 5, 6, 5, 7]).reshape(5, 1)
    file = load(tmp_path / "d.npz", "linear", x=x, y=np.zeros(5))
    entries = [{"name": "x", "shape": [None, 1]}]
    assert file.draw(3, entries, vary=True)["x"].tolist() == [[5], [6], [7]]
    assert file.draw(5, entries, vary=True)["x"].tolist() == [[5], [6], [7], [5], [5]]
