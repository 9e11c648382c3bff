"""How long an export takes, over what Keras takes from its start to the end of a first epoch with the same model.

`python -m pygen.peers.startup [MODEL ...]` runs both in turn, each in a process of its own, and prints the ratios.
"""

import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
MODELS = [
    "testdata/models/functional.py",
    "testdata/models/subclassed.py",
    "rnn",
    "textcnn",
    "gpt",
    "keras:MobileNetV2",
]

KERAS = """
import sys
import numpy as np
from pygen import isolate
isolate.import_tensorflow()
from pygen import options, prepare
from pygen.author import build, origin
from pygen.examples import source
spec = origin.parse(sys.argv[1])
module = origin.module_of(spec) if spec.kind == "built-in" else None
request = options.Request(spec=spec, name="g", source=source.Synthetic(module.DATA) if module else None)
build.begin(request)
made = prepare.prepare(request, build.author(request), None)
samples, batch = made.source.defaults(made.author.settings)
drawn = made.source.draw(samples, made.held, vary=False)
x, y, weights = made.layout.pack([np.asarray(drawn[name]) for name in made.layout.names])
made.model.fit(x, y, sample_weight=weights, batch_size=batch or samples, epochs=1, verbose=0)
"""


def main(models):
    """Print, for each model, the median seconds of both and the ratio of export over Keras, round by round."""
    print(f"{'model':34} {'export':>8} {'keras':>8} {'ratio':>6}  rounds")
    for model in models:
        rounds = [(_export(model), _keras(model)) for _ in range(ROUNDS)]
        ratios = [ours / theirs for ours, theirs in rounds]
        ours, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
        told = " ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"{model:34} {ours:6.1f} s {theirs:6.1f} s {statistics.median(ratios):6.2f}  {told}", flush=True)


def _export(model):
    with tempfile.TemporaryDirectory() as folder:
        return _timed("-m", "pygen", "export", model, "--out", folder)


def _keras(model):
    return _timed("-c", KERAS, model)


def _timed(*arguments):
    began = time.monotonic()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main(sys.argv[1:] or MODELS)
