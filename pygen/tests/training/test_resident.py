"""An epoch on resident data trains as the fed steps do, checked without pygen's own code."""

import numpy as np
import pytest
import tensorflow as tf

from pygen.tests.conftest import MODELS, manifest
from pygen.tests.test_graphs import VARIANTS, Session, parity_batches

GRAPHS = [pytest.param("graphs", n, id=n) for n in MODELS] + [pytest.param("variants", n, id=n) for n in VARIANTS]


class Resident(Session):
    """The graph in a raw session, with the signatures that keep the data."""

    def __init__(self, folder):
        super().__init__(folder)
        with self.session.graph.as_default():
            meta = tf.compat.v1.saved_model.loader.load(self.session, ["serve"], str(folder))
        self.names = self.manifest["signatures"]
        self.signatures = meta.signature_def

    def run(self, which, **feed):
        signature = self.signatures[self.names[which]["key"]]
        fetch = {name: info.name for name, info in signature.outputs.items()}
        return self.session.run(fetch, {signature.inputs[name].name: value for name, value in feed.items()})

    def upload(self, batches):
        """Upload the batches end to end, sequences padded with rubbish that no batch may see."""
        feed = {}
        for name in batches[0]:
            parts = [batch[name] for batch in batches]
            if name in self.names["upload"]["lengths"]:
                lengths = [part.shape[1] for part in parts]
                feed[self.names["upload"]["lengths"][name]] = np.array(lengths, np.int32)
                longest = max(lengths) + 3
                parts = [np.pad(p, ((0, 0), (0, longest - p.shape[1])), constant_values=7) for p in parts]
            feed[name] = np.concatenate(parts)
        return int(self.run("upload", **feed)[self.names["upload"]["examples"]])

    def epoch(self, size):
        got = self.run("epoch", **{self.names["epoch"]["batch"]: size})
        return float(got[self.names["epoch"]["loss"]]), int(got[self.names["epoch"]["steps"]])


def short(batches, described):
    """The batches with the last one cut to three examples, where the batch size is free."""
    if described["variant"]["batch"]:
        return batches
    return [*batches[:-1], {name: value[:3] for name, value in batches[-1].items()}]


@pytest.mark.parametrize(("where", "name"), GRAPHS)
def test_epoch_trains_as_fed_steps_do(where, name, graphs, variants):
    folder = {"graphs": graphs, "variants": variants}[where] / name
    session, described = Resident(folder), manifest(folder)
    batches = short(parity_batches(folder), described)
    counts = [len(next(iter(batch.values()))) for batch in batches]
    fed = [np.average([session.step(batch) for batch in batches], weights=counts) for _ in range(2)]

    session.reset()
    assert session.upload(batches) == sum(counts)
    tolerance = described["parity"]["tolerance"]
    for _ in range(2):  # a reset leaves the data
        for expected in fed:
            loss, steps = session.epoch(counts[0])
            assert steps == len(batches)
            assert loss == pytest.approx(expected, rel=tolerance)
        session.reset()


def test_sessions_hold_data_of_their_own(graphs):
    folder = graphs / "linear"
    batches = parity_batches(folder)
    one, two = Resident(folder), Resident(folder)
    one.upload(batches)
    with pytest.raises(tf.errors.FailedPreconditionError):
        two.epoch(8)
    assert two.upload(batches[:1]) == 8
    assert (one.epoch(8)[1], two.epoch(8)[1]) == (10, 1)
    assert one.upload(batches[:2]) == 16  # other data in its place
    assert one.epoch(8)[1] == 2


def test_the_step_is_shared(graphs):
    """The signatures for resident data are little beside the step itself: loading is as quick without them."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    for name in MODELS:
        saved = SavedModel.FromString((graphs / name / "saved_model.pb").read_bytes())
        names = [f.signature.name for f in saved.meta_graphs[0].graph_def.library.function]
        assert sum(n.startswith("__inference_step_") for n in names) == 1
