"""Makes the images of testdata/webp, and beside each its pixels as Pillow decodes them.

Run: python harness/tfsession/testdata/webp.py (numpy and Pillow)
"""

import pathlib

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).parent / "webp"
HEIGHT, WIDTH = 9, 7


def main() -> None:
    random = np.random.default_rng(7)
    pixels = random.integers(0, 256, (HEIGHT, WIDTH, 4)).astype("u1")
    plain, alpha = Image.fromarray(pixels[..., :3].copy()), Image.fromarray(pixels)
    plain.save(FOLDER / "plain.webp", lossless=True)
    plain.convert("L").save(FOLDER / "gray.webp", lossless=True)
    alpha.save(FOLDER / "alpha.webp", lossless=True, exact=True)
    plain.save(FOLDER / "animated.WEBP", lossless=True, save_all=True, append_images=[plain.rotate(180)], duration=100)
    plain.save(FOLDER / "called.jpg", format="WEBP", lossless=True)
    for path in FOLDER.iterdir():
        if path.suffix != ".rgb":
            with Image.open(path) as image:  # alpha is left out, as TensorFlow does of PNG
                path.with_name(path.name + ".rgb").write_bytes(np.asarray(image.convert("RGBA"))[..., :3].tobytes())


if __name__ == "__main__":
    main()
