"""Makes testdata/images and what Keras reads from it: PYTHONPATH=. python harness/tfsession/testdata/images.py (needs TensorFlow).

Two classes of small images, their content computed: JPEG and PNG, in colour and grey, with transparency, of 16 bits.
decoded-C.f32 has the pixels that keras.utils.image_dataset_from_directory makes of them with C channels, 12 high and 10 wide,
image after image in the order of their paths, as little-endian float32.
"""

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
FOLDER = HERE.parents[2] / "testdata" / "images"
SIZE = (12, 10)


def picture(height: int, width: int, channels: int, shift: int, dtype=np.uint8) -> np.ndarray:
    """Waves, other ones in each channel: (height, width, channels) of dtype."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    wave = 0.5 + 0.5 * np.sin(0.3 * x + 0.2 * y * (c + 1) + shift)
    return (wave * np.iinfo(dtype).max).astype(dtype)


FILES = {
    "round/colour.jpg": tf.io.encode_jpeg(picture(24, 31, 3, 0), quality=90),
    "round/grey.jpeg": tf.io.encode_jpeg(picture(9, 8, 1, 1), format="grayscale"),
    "round/progressive.jpg": tf.io.encode_jpeg(picture(40, 40, 3, 2), progressive=True),
    "square/clear.png": tf.io.encode_png(picture(15, 15, 4, 3)),
    "square/deep.png": tf.io.encode_png(picture(17, 12, 1, 4, np.uint16)),
    "square/same.png": tf.io.encode_png(picture(*SIZE, 3, 5)),
}

shutil.rmtree(FOLDER, ignore_errors=True)
for name, content in FILES.items():
    (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(content.numpy())
for mode, channels in (("rgb", 3), ("grayscale", 1)):
    data = keras.utils.image_dataset_from_directory(FOLDER, image_size=SIZE, color_mode=mode, shuffle=False, batch_size=None)
    pixels = np.stack([image.numpy() for image, _ in data]).astype("<f4")
    (HERE / f"decoded-{channels}.f32").write_bytes(pixels.tobytes())
