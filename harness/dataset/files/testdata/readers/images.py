"""Compares decoded images with what Pillow and TensorFlow make of them in Python."""

import json
import select
import subprocess
from pathlib import Path

import numpy as np
from readers import usual

# How far a value may be from Pillow's. TensorFlow's decoder of JPEG rounds in a
# faster way, as it does for Keras.
MOST, MEAN_OF_JPEG = 1, 2.0


class Decoder:
    """Runs internal/readback/pixels, again after an image that it does not survive."""

    def __init__(self, program: Path, seconds: float):
        """Note the program and how long an image may take."""
        self.program, self.seconds, self.process = program, seconds, None

    def ask(self, path: Path, height: int, width: int) -> tuple[str, str, bytes]:
        """Return "" or how it ended, what was said, and the pixels."""
        if self.process is None or self.process.poll() is not None:
            command = [str(self.program)]
            pipes = {
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
            }
            self.process = subprocess.Popen(command, **pipes)
        p = self.process
        p.stdin.write(json.dumps({"path": str(path), "height": height, "width": width}).encode() + b"\n")
        p.stdin.flush()
        if not select.select([p.stdout], [], [], self.seconds)[0]:
            p.kill()
            p.wait()
            return "HANG", f"no end after {self.seconds} s", b""
        line = p.stdout.readline()
        if not line:
            return "DUMP", p.stderr.read().decode(errors="replace")[:200], b""
        answer = json.loads(line)
        return "", answer.get("refused", ""), p.stdout.read(answer.get("bytes", 0))

    def compare(self, path: Path) -> tuple[str, str]:
        """Return how decoding an image ended, "" or WRONG, HANG or DUMP, and what is wrong or why it was refused."""
        theirs, opaque = usual.pixels(path)
        height, width, _ = theirs.shape
        ending, said, data = self.ask(path, height, width)
        if ending or said:
            return ending, said
        ours = np.frombuffer(data, np.float32).reshape(theirs.shape)
        keras = usual.keras_pixels(path)
        if keras is not None and keras.shape != ours.shape:
            return (
                "WRONG",
                f"{height}×{width} pixels by Pillow, {keras.shape[0]}×{keras.shape[1]} by TensorFlow",
            )
        if keras is not None and not np.array_equal(keras, ours):
            return "WRONG", "not the pixels that TensorFlow decodes in Python"
        off = np.abs(ours - theirs.astype(np.float32))[opaque]
        jpeg = path.read_bytes()[:2] == b"\xff\xd8"
        if off.size == 0 or ((off.mean() <= MEAN_OF_JPEG) if jpeg else (off.max() <= MOST)):
            return "", ""
        return (
            "WRONG",
            f"pixels differ from Pillow's by {off.max():.0f} at most, {off.mean():.2f} on average",
        )
