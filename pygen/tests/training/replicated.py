"""Trains models in replicas, on one device and by MirroredStrategy, and says how far losses and weights differ.

    python -m pygen.tests.training.replicated linear cnn unet --replicas 2 4

The models of MirroredStrategy are made within it and trained by fit(...), as a person would. With --short the last
batch of an epoch leaves some replicas fewer examples, or none. One thread adds up sums in the same order each time, and
TensorFlow rewrites nothing, as where the exporter compares.
"""

import argparse
import json
import os
import subprocess
import sys

STEPS, SHORT = 6, (5, 3, 1)


def main():
    line = argparse.ArgumentParser()
    line.add_argument("models", nargs="+")
    line.add_argument("--replicas", type=int, nargs="+", default=[2])
    line.add_argument("--batch", type=int, default=0, help="the model's own")
    line.add_argument("--short", action="store_true")
    line.add_argument("--json", action="store_true", help="of the one model and number, in this process")
    given = line.parse_args()
    if given.json:
        print(json.dumps(differences(given.models[0], given.replicas[0], given.batch, given.short)))
        return
    print(
        "| model | replicas | batch | losses, one device | weights, one device | losses, Mirrored | weights, Mirrored |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in given.models:
        for replicas in given.replicas:
            found = asked(name, replicas, given.batch, given.short)
            cells = [f"{found[key]:.1e}" for key in ("loss_one", "weights_one", "loss_mirrored", "weights_mirrored")]
            print("|", " | ".join([name, str(replicas), str(found["batch"]), *cells]), "|", flush=True)


def asked(name, replicas, batch=0, short=False):
    """Return `differences`, computed in a process of its own, which has so many logical CPUs."""
    words = [name, "--json", "--replicas", str(replicas), "--batch", str(batch), *["--short"] * short]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", "pygen.tests.training.replicated", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def differences(name, replicas, batch, short):
    """Return the largest relative differences of losses and of variables, a variable's by its largest value."""
    import tensorflow as tf

    from pygen.author import build, origin
    from pygen.training import mirrored, step

    spec, layout = origin.parse(name), None
    build.logical_cpus(replicas)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    trained, fed = {}, None
    for key, count in (("ours", replicas), ("one", 1)):
        prepared = made(spec)
        batch = batch or prepared.source.defaults(prepared.author.settings)[1] or 100
        fed = fed or batches(prepared, batch, short)
        cut = step.Cut(replicas=count)
        specs = [tf.TensorSpec(e["shape"], e["dtype"], name=e["name"]) for e in prepared.entries]
        train = step.cut_step(prepared.model, specs, False, cut, prepared.layout)
        names = prepared.layout.names
        losses = [float(train(*[tf.convert_to_tensor(b[n]) for n in names])["loss"]) for epoch in fed for b in epoch]
        trained[key] = losses, values(prepared.model)
        layout = prepared.layout
    with mirrored.strategy_of(replicas).scope():
        model = made(spec).model
    losses = [loss for epoch in fed for loss in fitted(model, layout, epoch)]
    trained["mirrored"] = losses, values(model)
    found = {"batch": batch}
    for other in ("one", "mirrored"):
        found[f"loss_{other}"] = max(map(relative, trained["ours"][0], trained[other][0]))
        found[f"weights_{other}"] = max(map(relative, trained["ours"][1], trained[other][1]))
    return found


def made(spec):
    """Return the `prepare.Prepared` of a model that is built anew, with the same weights each time."""
    import tempfile

    import keras

    from pygen import options, requests
    from pygen.author import build
    from pygen.examples.source import SEED
    from pygen.prepare import prepare

    request = requests.make(spec, options.Options(), None)
    keras.utils.set_random_seed(SEED)
    with tempfile.TemporaryDirectory() as folder:
        return prepare(request, build.author(request), folder)


def batches(prepared, batch, short):
    """Return epochs, lists of batches {name: array}: one of whole batches or, if asked for, some with a short last one.

    Keras builds a model for the mean of the parts of the first batch of a fit, so that this must divide.
    """
    from pygen.training import parity

    source = prepared.source
    columns = source.draw(batch * STEPS, prepared.held, vary=False)
    fed = parity.batches(columns, prepared.held, source.preprocess(prepared.held), batch)
    if not short:
        return [fed]
    return [[*fed[:2], {name: column[:count] for name, column in fed[2].items()}] for count in SHORT if count < batch]


def fitted(model, layout, epoch):
    """Train an epoch by fit(...) of Keras; return the loss of each step."""
    import keras
    import numpy as np

    losses = []

    def taken(step, logs):
        losses.append(float(model.get_metrics_result()["loss"]))  # logs have the mean of the replicas' means
        model.reset_metrics()  # else it is a running mean

    columns = [np.concatenate([batch[name] for batch in epoch]) for name in layout.names]
    x, y, _ = layout.pack(columns)
    told = keras.callbacks.LambdaCallback(on_train_batch_end=taken)
    size = len(next(iter(epoch[0].values())))
    model.fit(x, y, batch_size=size, shuffle=False, verbose=0, callbacks=[told])
    return losses


def values(model):
    return [variable.numpy() for variable in model.variables if variable.dtype.startswith("float")]


def relative(ours, theirs):
    import numpy as np

    return float(np.abs(np.asarray(ours) - theirs).max() / max(np.abs(theirs).max(), 1e-30))


if __name__ == "__main__":
    main()
