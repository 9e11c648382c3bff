"""Texts of made-up words."""

import functools

import numpy as np

LETTERS = "etaoinshrdlu"


@functools.cache
def words(count, seed=0):
    """Return `count` distinct words of lower-case letters."""
    rng = np.random.default_rng(seed)
    found = {}
    while len(found) < count:
        found["".join(rng.choice(list(LETTERS), rng.integers(2, 9)))] = None
    return list(found)


def sentences(count, length, vocabulary=800, seed=0):
    """Yield `count` sentences of `length` words on average."""
    rng = np.random.default_rng(seed)
    known = np.array(["the", "movie", "this", "is", "good", "bad", *words(vocabulary)])
    for _ in range(count):
        yield " ".join(rng.choice(known, max(1, rng.poisson(length)))).capitalize() + "."


def book(characters=4000):
    """Return running text."""
    text = "\n".join(sentences(characters // 30, 8, 300))
    return text[:characters].encode()


def reviews(count, length=300, vocabulary=60000):
    """Yield (path, bytes) of the IMDB reviews: a file per review, without the unlabelled ones.

    Scripts take the 20,000 most frequent words, and rely on there being as many.
    """
    for part, split in enumerate(("train", "test")):
        for sign, kind in enumerate(("neg", "pos")):
            for i, text in enumerate(sentences(count, length, vocabulary, seed=2 * part + sign)):
                number = 1181 if i == 0 else 2000 + i
                yield f"aclImdb/{split}/{kind}/{number}_{9 if sign else 2}.txt", text.encode()


def unlabelled(count):
    """Yield (path, bytes) of the unlabelled reviews."""
    for i, text in enumerate(sentences(count, 30, seed=9)):
        yield f"aclImdb/train/unsup/{i}_0.txt", text.encode()


def pairs(count, third=None, length=5):
    """Return lines of an English sentence, a tab and a translation, and what else a line has."""
    lines = zip(sentences(count, length, seed=1), sentences(count, length, seed=2), strict=True)
    return "".join("\t".join([*line, *([third] if third else [])]) + "\n" for line in lines).encode()


def glove(count=400, width=100):
    """Return lines of a word and its vector."""
    rng = np.random.default_rng(0)
    return "".join(f"{word} {' '.join(f'{v:.4f}' for v in rng.normal(size=width))}\n" for word in words(count)).encode()
