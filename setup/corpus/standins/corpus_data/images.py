"""Images and sounds."""

import io
import wave

import numpy as np


def encoded(kind, count, size, channels=3, seed=0):
    """Yield `count` images of `size` (height, width) as JPEG or PNG bytes: coarse coloured noise, which packs well."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    for _ in range(count):
        coarse = rng.integers(0, 256, (8, 8, channels) if channels > 1 else (8, 8), np.uint8)
        image = Image.fromarray(coarse).resize(size[::-1])
        out = io.BytesIO()
        image.save(out, kind)
        yield out.getvalue()


def trimaps(count, size, seed=0):
    """Yield PNG images with values from 1 to 3, as the masks of the Oxford pets are."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    for _ in range(count):
        mask = np.kron(rng.integers(1, 4, (8, 8), np.uint8), np.ones((size[0] // 8, size[1] // 8), np.uint8))
        out = io.BytesIO()
        Image.fromarray(mask).save(out, "png")
        yield out.getvalue()


def sounds(count, samples=16000, seed=0):
    """Yield WAV files of a second of noise."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(rng.integers(-2000, 2000, samples, np.int16).tobytes())
        yield out.getvalue()
