"""Put a finished graph folder in place of the old one, all of it or nothing."""

import contextlib
import os
import shutil
import uuid
from pathlib import Path

from pygen import manifest, parity
from pygen.errors import ExportError


@contextlib.contextmanager
def workspace(folder):
    """Give a new empty folder beside `folder`, and remove it at the end, whatever happened. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_replaceable(folder, new, force):
    """Raise ExportError if putting the manifest `new` at `folder` would lose something else.

    Another model, variant, optimizer or data source is lost only with `force`; a folder that is no graph never is.
    """
    if not os.path.lexists(folder):
        return
    old = manifest.read(folder)
    looks_like_graph = folder.is_dir() and any((folder / f).is_file() for f in (manifest.GRAPH, manifest.FILE))
    if not looks_like_graph:
        raise ExportError(f"{folder} is there and is not a graph; move it away or choose another --name")
    if force:
        return
    if old is None:
        raise ExportError(f"{folder} has no readable {manifest.FILE}; replace it with --force or choose another --name")
    if other := difference(old, new):
        raise ExportError(f"{folder} holds {other}; replace it with --force or choose another --name")


def difference(old, new):
    """Return in words how the graph of manifest `old` is another than that of `new`, or "" if it is the same."""
    before, now = _kind(old), _kind(new)
    for what, value in before.items():
        if value != now[what]:
            return f"a graph with another {what} ({value}, now {now[what]})"
    return ""


def _kind(described):
    model, data = described.get("model", {}), described.get("data", {})
    kind = {
        "architecture": model.get("architecture"),
        "optimizer": _in_words(model.get("optimizer")),
        "data source": data.get("path") or data.get("kind"),
    }
    variant = described.get("variant") or {}
    return kind | {f"variant: {key}": variant.get(key) for key in ("precision", "jit", "unroll", "batch", "device")}


def _in_words(optimizer):
    optimizer = optimizer or {}
    settings = ", ".join(f"{k} {v}" for k, v in sorted((optimizer.get("settings") or {}).items()))
    return f"{optimizer.get('name')}: {settings}"


def is_same(old_folder, new_folder):
    """Tell whether both folders hold the same graph, undamaged, apart from what made it."""
    old, new = manifest.read(old_folder), manifest.read(new_folder)
    try:
        return (
            old is not None
            and old | {"made_with": None} == new | {"made_with": None}
            and manifest.identity(old_folder, old) == new["sha256"]
            and (old_folder / parity.FILE).read_bytes() == (new_folder / parity.FILE).read_bytes()
        )
    except (OSError, KeyError, TypeError, AttributeError):
        return False


def place(work, folder):
    """Rename the finished `work` to `folder`; returns "new", "unchanged" or "replaced". Raises OSError."""
    if not folder.exists():
        work.rename(folder)
        return "new"
    if is_same(folder, work):
        return "unchanged"
    with workspace(folder) as aside:
        old = aside / folder.name
        folder.rename(old)
        try:
            work.rename(folder)
        except BaseException:
            if not folder.exists():
                old.rename(folder)
            raise
    return "replaced"


def relative(path, folder):
    """Return `path` relative to `folder`, with forward slashes."""
    return Path(os.path.relpath(path, folder)).as_posix()
