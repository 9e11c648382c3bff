"""What a script gets of its models between its fits: quick answers, each noted, since a later fit may depend on it."""

import contextlib
import weakref
from unittest import mock

from pygen.author import own


class Answers:
    """Answers evaluate(...) with one step and predict(...) of the same shape with what it answered before.

    `asked` has what the script asked since it began, {word: what it did}.
    """

    def __init__(self):
        """Begin with nothing asked."""
        self.asked = {}
        self._known = weakref.WeakKeyDictionary()  # {model: {what was asked: the answer}}

    def note(self, about, text):
        """Note what the script asks, unless it is the exporter that does."""
        if not own.running():
            self.asked.setdefault(about, text)

    def history(self, logs):
        """Return logs, {name: list}, that note when the script reads them."""
        return _Logs(logs, lambda: self.note("history", "reads the History of a fit"))

    def repeated(self, model):
        """Return the History of the last fit of this model, or None."""
        return self._known.get(model, {}).get("fit")

    def trained(self, model, history):
        """Remember the History of a fit of this model."""
        self._known.setdefault(model, {})["fit"] = history

    @contextlib.contextmanager
    def watching(self):
        """Within it, evaluate(...) and predict(...) of any model are answered."""
        import keras

        evaluate, predict = keras.Model.evaluate, keras.Model.predict

        def evaluated(model, *arguments, **named):
            if own.running():
                return evaluate(model, *arguments, **named)
            self.note("evaluate", "calls evaluate(...)")
            with own.code():
                return evaluate(model, *arguments, **named | ({} if len(arguments) > 5 else {"steps": 1}))

        def predicted(model, *arguments, **named):
            if own.running():
                return predict(model, *arguments, **named)
            self.note("predict", "calls predict(...)")
            what = _shapes(arguments[0] if arguments else named.get("x"))
            known = self._known.setdefault(model, {})
            if what is None or what not in known:
                with own.code():
                    known[what] = predict(model, *arguments, **named)
            return keras.tree.map_structure(lambda array: array.copy(), known[what])

        with (
            mock.patch.object(keras.Model, "evaluate", evaluated),
            mock.patch.object(keras.Model, "predict", predicted),
        ):
            yield


class _Logs(dict):
    """The logs of a History. `read` is called when something in them is read."""

    def __init__(self, logs, read):
        super().__init__(logs)
        self._read = read

    def __getitem__(self, name):
        self._read()
        return super().__getitem__(name)

    def __iter__(self):
        self._read()
        return super().__iter__()

    def get(self, name, default=None):
        self._read()
        return super().get(name, default)

    def items(self):
        self._read()
        return super().items()

    def values(self):
        self._read()
        return super().values()


def _shapes(x):
    """Return the shapes of arrays, or None for a data set or generator, of which nothing is known."""
    import keras

    leaves = keras.tree.flatten(x)
    if not leaves or not all(hasattr(leaf, "shape") for leaf in leaves):
        return None
    return tuple((tuple(leaf.shape), str(leaf.dtype) if hasattr(leaf, "dtype") else "") for leaf in leaves)
