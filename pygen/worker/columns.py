"""The examples of a graph that no script trains, by column, as a model takes them."""

from pygen.training import parity


class Columns:
    """Raw examples, of which all or some are made into x, y and sample_weight; sequences are padded to the longest."""

    def __init__(self, columns, entries, preprocess, layout):
        """Take {name: column}, as `archive.read` returns them, the manifest's entries and its preprocess; a Layout."""
        self._layout, self._preprocess = layout, preprocess
        self._entries = {entry["name"]: entry for entry in entries}
        padded = {step["input"] for step in preprocess if step["op"] == "pad"}
        self._columns = {
            name: columns[name] if name in padded else parity.prepare(columns[name], self._entries[name], preprocess)
            for name in layout.names
        }

    def __len__(self):
        """Return the number of examples."""
        return len(next(iter(self._columns.values())))

    def pack(self, rows):
        """Return (x, y, sample_weight) of some examples: a slice, or an array of their numbers."""
        return self._layout.pack([self._some(name, rows) for name in self._layout.names])

    def _some(self, name, rows):
        column = self._columns[name]
        if not isinstance(column, list):
            return column[rows]
        some = column[rows] if isinstance(rows, slice) else [column[row] for row in rows]
        return parity.prepare(some, self._entries[name], self._preprocess)
