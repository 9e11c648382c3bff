"""What the corpus has at each address."""

import io
import re
import tarfile
import zipfile

from corpus_data import arrays, images, tables, texts, weights

FLOWERS = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]
COMMANDS = ["down", "go", "left", "no", "right", "stop", "up", "yes"]


def answer(address):
    """Return the bytes of the stand-in for an address, or None."""
    for pattern, make in ANSWERS.items():
        if re.search(pattern, address):
            return make(address.rsplit("/", 1)[-1])
    return None


def flowers():
    """Yield (path, bytes) of photographs in a folder per class."""
    yield "flower_photos/LICENSE.txt", b"made by a program\n"
    for i, kind in enumerate(FLOWERS):
        for j, image in enumerate(images.encoded("jpeg", 24, (120, 160), seed=i)):
            yield f"flower_photos/{kind}/{j:03d}.jpg", image


def cats_and_dogs():
    """Yield (path, bytes) of photographs in a folder per class, for training and validation."""
    for split, count in ("train", 80), ("validation", 60):
        for kind in "cats", "dogs":
            for i, image in enumerate(images.encoded("jpeg", count, (160, 200), seed=len(split))):
                yield f"cats_and_dogs_filtered/{split}/{kind}/{i}.jpg", image


def pet_images():
    """Yield (path, bytes) of photographs in a folder per class; PetImages/Cat/6779.jpg is one that a script shows."""
    for kind in "Cat", "Dog":
        for i, image in enumerate(images.encoded("jpeg", 160, (160, 200), seed=len(kind))):
            yield f"PetImages/{kind}/{6779 if i == 0 else i}.jpg", image


def commands():
    """Yield (path, bytes) of spoken words in a folder per word: two batches of 64 are a fifth of them."""
    for i, word in enumerate(COMMANDS):
        for j, sound in enumerate(images.sounds(50, seed=i)):
            name = "01bb6a2a_nohash_0" if j == 0 else f"{j:08x}_nohash_0"
            yield f"mini_speech_commands/{word}/{name}.wav", sound


def reviews():
    """Yield (path, bytes) of labelled and unlabelled reviews."""
    yield from texts.reviews(60)
    yield from texts.unlabelled(10)


def tar(files):
    """Return a .tar.gz, not compressed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=0) as archive:
        for path, body in files:
            member = tarfile.TarInfo(path)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def pack(files):
    """Return a .zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, body in files:
            archive.writestr(path, body)
    return out.getvalue()


ANSWERS = {
    r"/(inception_v3|resnet50)_weights_tf_dim_ordering_tf_kernels_notop\.h5$": weights.file,
    r"/mnist\.npz$": lambda _: arrays.mnist(),
    r"-ubyte\.gz$": arrays.fashion,
    r"/imdb\.npz$": lambda _: arrays.imdb(),
    r"/(imdb|reuters)_word_index\.json$": lambda _: arrays.word_index(),
    r"/reuters\.npz$": lambda _: arrays.reuters(),
    r"/california_housing\.npz$": lambda _: arrays.california(),
    r"/cats_and_dogs_filtered\.zip$": lambda _: pack(cats_and_dogs()),
    r"/kagglecatsanddogs_5340\.zip$": lambda _: pack(pet_images()),
    r"/boston_housing\.npz$": lambda _: arrays.boston(),
    r"/cifar-10-python\.tar\.gz$": lambda _: tar(arrays.cifar10()),
    r"/cifar-100-python\.tar\.gz$": lambda _: tar(arrays.cifar100()),
    r"/nietzsche\.txt$": lambda _: texts.book(),
    r"/fra-eng\.zip$": lambda _: pack([("fra.txt", texts.pairs(320, "CC BY", length=2))]),
    r"/aclImdb_v1\.tar\.gz$": lambda _: tar(reviews()),
    r"/adult\.data$": lambda _: tables.census(800),
    r"/adult\.test$": lambda _: tables.census(400, test=True),
    r"/auto-mpg\.data$": lambda _: tables.cars(),
    r"/creditcard\.csv$": lambda _: tables.credit_cards(),
    r"/FordA_TRAIN\.tsv$": lambda _: tables.series(320, "\t", 500, [-1, 1], label_last=False),
    r"/FordA_TEST\.tsv$": lambda _: tables.series(160, "\t", 500, [-1, 1], label_last=False),
    r"/ecg\.csv$": lambda _: tables.series(600, ",", 140, [0.0, 1.0], label_last=True),
    r"/flower_photos\.tgz$": lambda _: tar(flowers()),
    r"/592px-Red_sunflower\.jpg$": lambda _: next(images.encoded("jpeg", 1, (160, 200))),
    r"/mini_speech_commands\.zip$": lambda _: pack(commands()),
}
