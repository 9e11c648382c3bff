"""Put a finished graph folder in place of the old one, all of it or nothing."""

import contextlib
import os
import shutil
import uuid

from pygen.errors import ExportError
from pygen.folder import manifest, weights
from pygen.training import parity


@contextlib.contextmanager
def workspace(folder):
    """Yield a new, empty folder beside `folder`, and remove it at the end, whatever happens. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    try:
        work.mkdir()  # inside, so that an interrupt right after it leaves nothing
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_is_graph(folder):
    """Raise ExportError if `folder` is there and is no graph: it is never replaced."""
    looks_like_graph = any((folder / file).is_file() for file in (manifest.GRAPH, manifest.FILE))
    if os.path.lexists(folder) and not looks_like_graph:
        raise ExportError(f"{folder} is there and is not a graph; move it away or choose another --name")


def check_replaceable(folder, new):
    """Raise ExportError if the graph in `folder` is not the one that the manifest `new` describes."""
    if not os.path.lexists(folder):
        return
    old = manifest.read(folder)
    if old is None:
        raise ExportError(f"{folder} has no readable {manifest.FILE}; replace it with --force or choose another --name")
    if other := difference(old, new):
        raise ExportError(f"{folder} holds {other}; replace it with --force or choose another --name")


def difference(old, new):
    """Return in words how the graph of manifest `old` differs from that of `new`, or "" if it does not."""
    before, now = _kind(old), _kind(new)
    if old.get("data", {}).get("sha256", 0) == new["data"].get("sha256", 1):
        now["data"] = before["data"]  # the same file at another place
    for what in before | now:
        if before.get(what) != now.get(what):
            return f"another graph ({what} {before.get(what)}, and the new one has {now.get(what)})"
    return ""


def _kind(described):
    """Return what makes a graph another, by name. A graph that is exported again has all of it in common."""
    model, data, variant = (described.get(key) or {} for key in ("model", "data", "variant"))
    kind = {
        "architecture": model.get("architecture"),
        "optimizer": _in_words(model.get("optimizer")),
        "data": data.get("path") or data.get("kind"),
    }
    return kind | variant


def _in_words(optimizer):
    optimizer = optimizer or {}
    settings = ", ".join(f"{k} {v}" for k, v in sorted((optimizer.get("settings") or {}).items()))
    return f"{optimizer.get('name')}: {settings}"


def is_same(old_folder, new_folder):
    """Report whether both folders hold the same graph, undamaged; the versions that made it may differ."""
    old, new = manifest.read(old_folder), manifest.read(new_folder)
    try:
        return (
            old is not None
            and old | {"made_with": None} == new | {"made_with": None}
            and manifest.identity(old_folder, old) == new["sha256"]
            and all(_same_file(old_folder / name, new_folder / name) for name in _BESIDE)
        )
    except (OSError, KeyError, TypeError, AttributeError):
        return False


# What the folder of a graph may hold beside what its identity covers.
_BESIDE = (parity.FILE, weights.FILE, weights.INDEX)


def _same_file(old, new):
    if not new.exists():
        return not old.exists()
    return old.read_bytes() == new.read_bytes()


def place(work, folder):
    """Rename the finished `work` to `folder` and return "new", "unchanged" or "replaced". Raises OSError."""
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
