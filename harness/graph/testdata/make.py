"""Make odd/, a graph folder whose identity is computed here from docs/graph-format.md alone, not by pygen or Go."""

import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "odd"
FILES = {
    "saved_model.pb": b"\x00graph\n\xff",
    "variables/variables.index": b"index",
    "variables/variables.data-00000-of-00001": b"data \r\n\x00" * 3,
}
MANIFEST = r"""{
  "format": 1,
  "name": "odd",
  "sha256": "@",
  "model": {
    "architecture": "odd",
    "parameters": 12,
    "trainable_parameters": 12,
    "loss": "Größe <&> 損失 \" \\ \\u2028 [2028][2029] \u0001 \b\f\n\r\t 🙂",
    "optimizer": {"name": "adam", "settings": {"learning_rate": 0.001, "epsilon": 1e-07, "momentum": 0.0, "big": 1e+16,
      "ß": -0.0, "Z": 1, "a": [null, true, {"b": 2, "B": 3}]}},
    "flops_per_example": 14
  },
  "variant": {"precision": "float32", "jit": false, "unroll": false, "batch": null, "device": "cpu"},
  "inputs": [{"name": "x", "dtype": "float32", "shape": [null, 2]}],
  "targets": [{"name": "y", "dtype": "int32", "shape": [null], "categories": 3}],
  "signatures": {"train": {"key": "train", "loss": "loss"}},
  "reset": {"kind": "restore", "filename_tensor": "saver_filename:0", "operation": "StatefulPartitionedCall_1"},
  "preprocess": [{"op": "scale", "input": "x", "factor": 0.00390625}],
  "data": {"kind": "file", "path": "../data.npz", "sha256": "00ff", "columns": {"x": "images", "y": "y"}},
  "settings": {"samples": 6, "batch": 2, "epochs": 3},
  "parity": {"file": "parity.npz", "batch": 2, "steps": 2, "losses": [1.5, 1.25], "tolerance": 1e-5},
  "made_with": {"tensorflow": "2.21.0"}
}
""".replace("[2028]", "\u2028").replace("[2029]", "\u2029")

digest = hashlib.sha256()
for path in sorted(FILES):
    (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
    (FOLDER / path).write_bytes(FILES[path])
    digest.update(f"{path} {len(FILES[path])}\n".encode() + FILES[path])
meaning = json.loads(MANIFEST)
for name in ("name", "sha256", "parity", "made_with"):
    del meaning[name]
del meaning["data"]["path"]
text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
digest.update(b"graph.json %d\n" % len(text) + text)
(FOLDER / "graph.json").write_text(MANIFEST.replace('"@"', f'"{digest.hexdigest()}"'), encoding="utf-8")
(FOLDER / "parity.npz").write_bytes(b"not read by the tests")
(FOLDER / "fingerprint.pb").write_bytes(b"not part of the identity")
