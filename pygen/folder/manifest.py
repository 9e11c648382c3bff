"""The manifest `graph.json` and the identity of a graph, as docs/graph-format.md defines them."""

import hashlib
import json
import platform
from pathlib import Path

import numpy as np

from pygen.model.derive import loss_name

FORMAT = 1
FILE = "graph.json"
GRAPH = "saved_model.pb"

# Fields that do not change what the graph does.
_NOT_MEANING = {"name", "sha256", "parity", "made_with", "weights", "missing", "script", "notices", "origin"}
_NOT_MEANING_OF_PIPELINES = {"files", "losses"}

# Settings of an optimizer that do not change how it trains.
_NOT_SETTINGS = {"name", "loss_scale_factor"}


def identity(folder, manifest):
    """Return the hex sha256 of the graph in `folder` with this `manifest` (a dict).

    Raises OSError if a file cannot be read.
    """
    folder = Path(folder)
    digest = hashlib.sha256()
    paths = [GRAPH, *(p.relative_to(folder).as_posix() for p in (folder / "variables").rglob("*") if p.is_file())]
    for path in sorted(paths):
        content = (folder / path).read_bytes()
        digest.update(f"{path} {len(content)}\n".encode())
        digest.update(content)
    meaning = {k: v for k, v in manifest.items() if k not in _NOT_MEANING}
    meaning["data"] = {k: v for k, v in manifest["data"].items() if k != "path"}
    for key in meaning.keys() & {"pipeline", "validation"}:
        meaning[key] = {k: v for k, v in meaning[key].items() if k not in _NOT_MEANING_OF_PIPELINES}
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    digest.update(f"{FILE} {len(text)}\n".encode())
    digest.update(text)
    return digest.hexdigest()


def describe_model(model, architecture, flops_per_example):
    """Return the "model" of the manifest for a compiled Keras model."""
    return {
        "architecture": architecture,
        "parameters": sum(int(np.prod(w.shape)) for w in model.weights),
        "trainable_parameters": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        "loss": _loss_name(model.loss),
        "optimizer": _optimizer(model.optimizer),
        "flops_per_example": flops_per_example,
    }


def _loss_name(loss):
    """Return the name of a loss, a list for several; "own" for None, where the model makes it itself."""
    if loss is None:
        return "own"
    losses = list(loss.values()) if isinstance(loss, dict) else loss
    if isinstance(losses, list | tuple):
        return [loss_name(each).split()[0] for each in losses if each is not None]
    return loss_name(losses).split()[0]


def _optimizer(optimizer):
    """Return {"name", "settings"} of an optimizer; the name is "own" for None, where train_step has one."""
    if optimizer is None:
        return {"name": "own", "settings": {}}
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    scaled = {"loss_scaling": True} if inner is not optimizer else {}
    return {"name": inner.__class__.__name__.lower(), "settings": _settings(inner) | scaled}


def _settings(optimizer):
    """Return the settings of the optimizer that are on; those that are None or False are off."""
    config = optimizer.get_config()
    if not config.get("use_ema"):
        config.pop("ema_momentum", None)
    settings = {k: v for k, v in config.items() if k not in _NOT_SETTINGS and v is not None and v is not False}
    if isinstance(settings.get("learning_rate"), float):
        # Keras keeps it as a float32: 0.001 comes back as 0.0010000000474974513.
        settings["learning_rate"] = float(str(np.float32(settings["learning_rate"])))
    return json.loads(json.dumps(settings, default=str))


def made_with():
    """Return the versions of TensorFlow, Keras and Python."""
    import keras
    import tensorflow as tf

    return {"tensorflow": tf.__version__, "keras": keras.__version__, "python": platform.python_version()}


def read(folder):
    """Return the manifest of the graph in `folder`, or None if it is missing or unreadable."""
    try:
        manifest = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def write(folder, manifest):
    """Write `manifest` to `folder`. Raises OSError."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    (Path(folder) / FILE).write_text(text + "\n", encoding="utf-8")
