"""Files that a script expects in its current folder, where its author had put them: `folders.py NAME…` writes them."""

import sys
import tempfile
from pathlib import Path

from corpus_data import images, network, tables, texts


def reviews():
    """Yield (path, bytes) of the IMDB reviews."""
    return texts.reviews(60)


def pets():
    """Yield (path, bytes) of photographs and masks. Scripts keep 1,000 for validation."""
    for i, image in enumerate(images.encoded("jpeg", 1100, (64, 80))):
        yield f"images/pet_{i:04d}.jpg", image
    for i, mask in enumerate(images.trimaps(1100, (64, 80))):
        yield f"annotations/trimaps/pet_{i:04d}.png", mask


def captchas():
    """Yield (path, bytes) of images that are named after their five characters."""
    names = sorted({(word * 5)[:5] for word in texts.words(200)})[:120]
    for name, image in zip(names, images.encoded("png", len(names), (50, 200)), strict=True):
        yield f"captcha_images_v2/{name}.png", image


def dark():
    """Yield (path, bytes) of dark photographs, and of the same in light. Scripts train on 300 or 400 of them."""
    for seed, side in enumerate(("low", "high")):
        for i, image in enumerate(images.encoded("png", 432, (136, 160), seed=seed)):
            yield f"lol_dataset/our485/{side}/{i:04d}.png", image
        for i, image in enumerate(images.encoded("png", 15, (136, 160), seed=2 + seed)):
            yield f"lol_dataset/eval15/{side}/{i:04d}.png", image


def teacher():
    """Yield (path, bytes) of a SavedModel that gives five logits, "dense", for images of 224 by 224 pixels."""
    import tensorflow as tf

    class Teacher(tf.Module):
        """A dense layer over the mean colour."""

        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(tf.random.stateless_normal((3, 5), seed=(0, 0)))

        @tf.function(input_signature=[tf.TensorSpec((None, 224, 224, 3), tf.float32)])
        def __call__(self, x):
            return {"dense": tf.reduce_mean(x, (1, 2)) @ self.kernel}

    with tempfile.TemporaryDirectory() as folder:
        model = Teacher()
        tf.saved_model.save(model, folder, signatures={"serving_default": model.__call__})
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                yield f"bit_teacher_flowers/{path.relative_to(folder)}", path.read_bytes()


def likenesses():
    """Yield (path, bytes) of pairs of photographs that go together."""
    for side in "left", "right":
        for i, image in enumerate(images.encoded("jpeg", 80, (200, 245), seed=len(side))):
            yield f"~/.keras/{side}/{i:05d}.jpg", image


def speeches():
    """Yield (path, bytes) of sounds of five speakers, and of noise."""
    for i, name in enumerate(["Anna", "Ben", "Carla", "Dan", "Eve", "_background_noise_"]):
        for j, sound in enumerate(images.sounds(40 if name.startswith("_") else 260, seed=i)):
            yield f"~/Downloads/16000_pcm_speeches/{name}/{j}.wav", sound


FOLDERS = {
    "aclImdb": reviews,
    "pets": pets,
    "captcha_images_v2": captchas,
    "lol_dataset": dark,
    "bit_teacher_flowers": teacher,
    "totally-looks-like": likenesses,
    "16000_pcm_speeches": speeches,
    "mini_speech_commands": lambda: [(f"data/{path}", body) for path, body in network.commands()],
    "jena_climate_2009_2016.csv": lambda: [("jena_climate_2009_2016.csv", tables.weather())],
    "spa-eng": lambda: [("spa-eng/spa.txt", texts.pairs(600))],
    "glove": lambda: [("glove.6B.100d.txt", texts.glove())],
    "eeg-data.csv": lambda: [("eeg-data.csv", tables.brainwaves())],
    "creditcard.csv": lambda: [("Users/fchollet/Downloads/creditcard.csv", tables.credit_cards(quoted=True))],
}


def place(name, folder):
    """Write what goes by a name below a folder."""
    for path, body in FOLDERS[name]():
        target = Path(folder, Path(path).expanduser())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        place(wanted, ".")
