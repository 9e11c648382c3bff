"""Compares the columns that were read of a table with what its usual reader makes of them."""

import base64

import numpy as np
from readers.refusals import has_way_out
from readers.usual import Column

TRUTH = {b"true": 1.0, b"false": 0.0}


def compare(theirs: dict[str, Column], ours: list[dict]) -> tuple[str, list[str]]:
    """Judge the columns of a table that were read or refused."""
    missing, wrong, refused, equal = dict(theirs), [], [], 0
    for column in ours:
        name = column["name"]
        other = missing.pop(find(missing, name), None)
        if "refused" in column:
            refused.append(f"column {name}: {column['refused']}")
            for below in [leaf for leaf in missing if leaf.startswith(f"{name}.")]:
                del missing[below]
        elif other is None:
            wrong.append(f"column {name}: only read here")
        elif said := fault(column, other):
            wrong.append(f"column {name}: {said}")
        else:
            equal += 1
    wrong += [f"column {name}: neither read nor refused" for name in missing]
    if wrong:
        return "WRONG", wrong
    if silent := [text for text in refused if not has_way_out(text)]:
        return "NO WAY OUT", silent
    if not equal:
        return "refused", refused
    return ("columns refused" if refused else "equal"), refused


def find(theirs: dict[str, Column], name: str) -> str | None:
    """Return the usual reader's name of a column."""
    for known, column in theirs.items():
        if name in (known, known.strip(), *column.names):
            return known
    return None


def fault(ours: dict, theirs: Column) -> str:
    """Say what is wrong with a column that was read, or nothing."""
    if theirs.deep or theirs.kind not in ("number", "text"):
        return f"read although it is {'lists of lists' if theirs.deep else theirs.kind}"
    if theirs.gaps and theirs.written is None:
        return "read although values are missing"
    lengths = ours.get("lengths") or [ours.get("each", 1)] * ours.get("rows", 0)
    if theirs.lengths is not None and not np.array_equal(lengths, theirs.lengths):
        return f"lists of lengths {lengths[:8]}, and {theirs.lengths[:8]} there"
    if ours["dtype"] == "string":
        texts = [base64.b64decode(t) for t in ours.get("texts") or []]
        if theirs.kind == "number" and theirs.written is None:
            return "text, and numbers there"
        return first_other(texts, theirs.written or theirs.values)
    try:
        expected = theirs.values if theirs.kind == "number" else from_texts(theirs.values)
        return first_other(*comparable(numbers_of(ours), expected))
    except ValueError as e:  # a text is no number
        return f"read as {ours['dtype']}: {e}"


def numbers_of(column: dict) -> np.ndarray:
    """Return the numbers that were read, of a type that holds them all."""
    kind, numbers = column["dtype"], column.get("numbers", "").split()
    if "float" in kind:
        return np.array([float(v) for v in numbers], dtype=np.float64)
    wide = np.uint64 if kind == "uint64" else np.int64
    return np.array([int(v) for v in numbers], dtype=wide)


def from_texts(texts: list[bytes]) -> np.ndarray:
    """Return what texts are as numbers: truth values count as 1 and 0."""
    words = [t.strip().lower() for t in texts]
    return np.array([TRUTH[w] if w in TRUTH else float(w) for w in words])


def comparable(ours: np.ndarray, theirs: np.ndarray) -> tuple[list, list]:
    """Return numbers as Python's, of which integers of any size are exact."""
    if ours.dtype.kind == "f" or theirs.dtype.kind == "f":
        return ours.astype(np.float64).tolist(), theirs.astype(np.float64).tolist()
    return ours.tolist(), theirs.tolist()


def first_other(ours: list, theirs: list) -> str:
    """Say where two lists differ first, or nothing. NaN is equal to NaN."""
    if len(ours) != len(theirs):
        return f"{len(ours)} values, and {len(theirs)} there"
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        both_nan = isinstance(a, float) and np.isnan(a) and np.isnan(b)
        if a != b and not both_nan:
            return f"at {i} {a!r}, and {b!r} there"
    return ""
