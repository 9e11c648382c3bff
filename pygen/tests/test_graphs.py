"""What an exported folder promises, checked without pygen's own code."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from pygen.tests.conftest import DIGITS, MODELS, export, manifest

VARIANTS = [
    "rnn-jit",
    "cnn-jit",
    "rnn-unroll",
    "gru-fused",
    "rnn-fused-p2-jit",
    "mlp-sgd-lr0.05-b48",
    "mlp-digits",
    "cnn-digits",
    "rnn-words",
    "rnn-words-unroll",
]


def each_graph():
    return [pytest.param("graphs", n, id=n) for n in MODELS] + [pytest.param("variants", n, id=n) for n in VARIANTS]


def identity(folder):
    """The sha256 of docs/graph-format.md, section Identity."""
    text = b""
    for path in sorted(["saved_model.pb", *(f"variables/{p.name}" for p in (folder / "variables").iterdir())]):
        file = (folder / path).read_bytes()
        text += f"{path} {len(file)}\n".encode() + file
    meaning = manifest(folder)
    for key in ("name", "sha256", "parity", "made_with", "weights", "notices", "script", "origin"):
        meaning.pop(key, None)
    meaning["data"].pop("path", None)
    line = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(text + f"graph.json {len(line)}\n".encode() + line).hexdigest()


class Session:
    """The graph in a raw session: what the C API sees."""

    def __init__(self, folder):
        self.folder, self.manifest = Path(folder), manifest(folder)
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            meta = tf.compat.v1.saved_model.loader.load(self.session, ["serve"], str(folder))
        train = self.manifest["signatures"]["train"]
        self.signature = meta.signature_def[train["key"]]
        self.loss = self.signature.outputs[train["loss"]].name

    def step(self, batch):
        feed = {self.signature.inputs[name].name: value for name, value in batch.items()}
        return float(self.session.run(self.loss, feed))

    def reset(self):
        reset = self.manifest["reset"]
        assert reset["kind"] == "restore"
        self.session.run(reset["operation"], {reset["filename_tensor"]: f"{self.folder}/variables/variables"})


def parity_batches(folder):
    """The steps of parity.npz as docs/graph-format.md describes them, preprocessing applied here."""
    described = manifest(folder)
    with np.load(folder / described["parity"]["file"]) as file:
        arrays = dict(file)
    size = described["parity"]["batch"]
    batches = [{} for _ in range(described["parity"]["steps"])]
    for entry in described["inputs"] + described["targets"]:
        name, column = entry["name"], arrays[entry["name"]]
        if f"{name}.lengths" in arrays:
            column = np.split(column, np.cumsum(arrays[f"{name}.lengths"])[:-1])
            assert {"op": "pad", "input": name, "value": 0} in described["preprocess"]
        assert len(column) == size * len(batches)
        for number, batch in enumerate(batches):
            rows = column[number * size : (number + 1) * size]
            longest = entry["shape"][1] if len(entry["shape"]) > 1 else None
            if isinstance(rows, list):
                longest = longest or max(map(len, rows))
                rows = np.array([np.pad(row, (0, longest - len(row))) for row in rows])
            batch[name] = rows.astype(entry["dtype"])
            for step in described["preprocess"]:
                if step["op"] == "scale" and step["input"] == name:
                    batch[name] *= np.float32(step["factor"])
    return batches


@pytest.mark.parametrize(("where", "name"), each_graph())
def test_graph(where, name, graphs, variants):
    folder = {"graphs": graphs, "variants": variants}[where] / name
    described = manifest(folder)
    assert described["format"] == 1
    assert described["name"] == name
    assert described["sha256"] == identity(folder)
    assert described["model"]["flops_per_example"] > 0
    assert not (folder / "assets").exists()

    session = Session(folder)
    entries = described["inputs"] + described["targets"]
    assert set(session.signature.inputs) == {entry["name"] for entry in entries}
    for entry in entries:
        info = session.signature.inputs[entry["name"]]
        assert tf.as_dtype(info.dtype).name == entry["dtype"]
        assert tf.TensorShape(info.tensor_shape).as_list() == entry["shape"]
        assert entry["shape"][0] == described["variant"]["batch"]
    assert session.signature.outputs["loss"].dtype == tf.float32.as_datatype_enum
    assert session.signature.outputs["loss"].tensor_shape.dim == []

    expected = described["parity"]["losses"]
    tolerance = described["parity"]["tolerance"]
    assert tolerance == (1e-3 if described["variant"]["jit"] or "fused" in described["variant"] else 1e-5)
    batches = parity_batches(folder)
    first = [session.step(batch) for batch in batches]
    assert first == pytest.approx(expected, rel=tolerance)
    # It really trains: the same first batch no longer has the first loss; after a reset all is as it was.
    assert session.step(batches[0]) != first[0]
    session.reset()
    assert [session.step(batch) for batch in batches] == first


@pytest.mark.parametrize(("where", "name"), each_graph())
def test_parity_batches_are_distinct(where, name, graphs, variants):
    batches = parity_batches({"graphs": graphs, "variants": variants}[where] / name)
    assert len({b"".join(value.tobytes() for value in batch.values()) for batch in batches}) == len(batches)
    assert len(batches) == 10


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "rnn-words"])
def test_parity_pads(name, graphs, variants):
    folder = (variants if "-" in name else graphs) / name
    with np.load(folder / "parity.npz") as file:
        lengths = file["x.lengths"].reshape(manifest(folder)["parity"]["steps"], -1)
    assert (lengths.min(axis=1) < lengths.max(axis=1)).sum() >= 8  # of 10


def test_jit_is_compiled(variants):
    def compiled(name):
        return b"_XlaMustCompile" in (variants / name / "saved_model.pb").read_bytes()

    assert compiled("rnn-jit") and compiled("cnn-jit")
    text = (variants / "rnn-unroll" / "saved_model.pb").read_bytes()
    assert b"_XlaMustCompile\x12\x02(\x01" not in text


def test_article_models(graphs):
    expected = {
        "linear": (2, "mean_squared_error", "sgd", 0.01, {"samples": 100, "batch": None, "epochs": 100}),
        "cnn": (
            54410,
            "sparse_categorical_crossentropy",
            "adam",
            0.001,
            {"samples": 1000, "batch": None, "epochs": 10},
        ),
        "rnn": (8148, "sparse_categorical_crossentropy", "adam", 0.001, {"samples": 1000, "batch": 32, "epochs": 5}),
    }
    for name, (parameters, loss, optimizer, rate, settings) in expected.items():
        described = manifest(graphs / name)
        assert described["model"]["parameters"] == described["model"]["trainable_parameters"] == parameters
        assert described["model"]["loss"] == loss
        assert described["model"]["optimizer"]["name"] == optimizer
        assert described["model"]["optimizer"]["settings"]["learning_rate"] == rate
        assert described["settings"] == settings
    x = manifest(graphs / "rnn")["inputs"][0]
    assert (x["shape"], x["dtype"], x["categories"]) == ([None, None], "int32", 20)
    assert manifest(graphs / "rnn")["preprocess"] == [{"op": "pad", "input": "x", "value": 0}]
    columns = manifest(graphs / "linear")["data"]["columns"]
    assert columns["x"] == {"generator": "normal", "mean": 0, "stddev": 1}
    assert columns["y"] == {"generator": "linear", "of": "x", "slope": 2, "noise": 0.1}


def test_variants_say_how_they_differ(variants):
    assert manifest(variants / "cnn-jit")["variant"]["jit"] is True
    assert manifest(variants / "rnn-jit")["inputs"][0]["shape"] == [None, None]
    unrolled = manifest(variants / "rnn-unroll")
    assert unrolled["variant"]["unroll"] is True
    assert unrolled["inputs"][0]["shape"] == [None, 50]
    assert unrolled["preprocess"] == []
    assert "lengths" not in unrolled["data"]["columns"]["x"]
    fixed = manifest(variants / "mlp-sgd-lr0.05-b48")
    assert fixed["variant"]["batch"] == 48
    assert fixed["model"]["optimizer"] == {"name": "sgd", "settings": {"learning_rate": 0.05, "momentum": 0.0}}
    assert fixed["settings"] == {"samples": 960, "batch": 48, "epochs": 10}
    assert fixed["parity"]["batch"] == 48


def test_data_file(variants, graphs):
    for name, shape in (("mlp-digits", [None, 8, 8]), ("cnn-digits", [None, 8, 8, 1])):
        described = manifest(variants / name)
        assert described["inputs"] == [{"name": "x", "dtype": "float32", "shape": shape}]
        assert described["targets"] == [{"name": "y", "dtype": "int32", "shape": [None], "categories": 10}]
        assert described["preprocess"] == [{"op": "scale", "input": "x", "factor": 1 / 16}]
        assert described["settings"] == {"samples": 1797, "batch": 32, "epochs": 10}
        data = described["data"]
        assert data["columns"] == {"x": "x", "y": "y"}
        assert (variants / name / data["path"]).resolve() == DIGITS
        assert data["sha256"] == hashlib.sha256(DIGITS.read_bytes()).hexdigest()
    with np.load(variants / "cnn-digits" / "parity.npz") as file, np.load(DIGITS) as digits:
        assert file["x"].dtype == np.uint8
        assert (file["x"].reshape(80, 8, 8) == digits["x"][:80]).all()


def test_sequences_of_a_data_file(variants):
    free, fixed = manifest(variants / "rnn-words"), manifest(variants / "rnn-words-unroll")
    assert free["inputs"] == [{"name": "x", "dtype": "int32", "shape": [None, None], "categories": 7}]
    assert free["targets"][0]["categories"] == 4
    assert fixed["inputs"][0]["shape"] == [None, 12]
    assert free["preprocess"] == fixed["preprocess"] == [{"op": "pad", "input": "x", "value": 0}]
    assert free["settings"] == {"samples": 30, "batch": 32, "epochs": 5}


def test_digits_are_learned(variants):
    for name in ("mlp-digits", "cnn-digits"):
        session = Session(variants / name)
        with np.load(DIGITS) as file:
            x, y = file["x"].astype(np.float32) / 16, file["y"].astype(np.int32)
        x = x.reshape(-1, *session.manifest["inputs"][0]["shape"][1:])
        batches = [{"x": x[i : i + 32], "y": y[i : i + 32]} for i in range(0, len(x), 32)]
        for _ in range(30):
            losses = [session.step(batch) * len(batch["y"]) for batch in batches]
        assert sum(losses) / len(x) < 0.15


@pytest.mark.parametrize("names", [["gru", "cnn"], ["rnn"]], ids=" ".join)
def test_same_graph_whatever_goes_with_it(names, graphs, tmp_path):
    export(tmp_path, *names, PYTHONHASHSEED="17", TMPDIR=str(tmp_path))
    for name in names:
        again, first = manifest(tmp_path / name), manifest(graphs / name)
        assert again == first
        assert (tmp_path / name / "parity.npz").read_bytes() == (graphs / name / "parity.npz").read_bytes()
