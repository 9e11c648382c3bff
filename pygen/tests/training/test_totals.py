"""Losses that stay on the device are those that steps return, checked without pygen's own code."""

import numpy as np
import pytest
import tensorflow as tf

from pygen.tests.conftest import MODELS, manifest
from pygen.tests.test_graphs import VARIANTS, parity_batches
from pygen.tests.training.test_resident import Resident, short

GRAPHS = [pytest.param("graphs", n, id=n) for n in MODELS] + [pytest.param("variants", n, id=n) for n in VARIANTS]


class Unread(Resident):
    """The graph in a raw session, whose steps are run and not fetched."""

    def train(self, batch):
        """Train one batch as the C API does for a target: nothing is fetched."""
        signature = self.signatures[self.names["accumulate"]["key"]]
        made = signature.outputs[self.names["accumulate"]["examples"]].name
        target = self.session.graph.get_tensor_by_name(made).op
        assert self.session.run(target, {signature.inputs[name].name: value for name, value in batch.items()}) is None

    def total(self):
        """Read and clear the total; returns (mean loss, examples)."""
        got = self.run("total")
        return float(got[self.names["total"]["loss"]]), int(got[self.names["total"]["examples"]])


@pytest.mark.parametrize(("where", "name"), GRAPHS)
def test_the_total_is_that_of_the_steps(where, name, graphs, variants):
    folder = {"graphs": graphs, "variants": variants}[where] / name
    session, described = Unread(folder), manifest(folder)
    batches = short(parity_batches(folder), described)
    counts = [len(next(iter(batch.values()))) for batch in batches]
    want = np.average([session.step(batch) for batch in batches], weights=counts)
    session.reset()
    assert session.total() == (0, 0)  # nothing is held yet
    for _ in range(2):
        for batch in batches:
            session.train(batch)
        loss, examples = session.total()
        assert examples == sum(counts)
        assert loss == pytest.approx(want, rel=described["parity"]["tolerance"])
        session.reset()


def test_a_reset_keeps_the_total(graphs):
    session, batches = Unread(graphs / "linear"), parity_batches(graphs / "linear")
    session.total()
    session.train(batches[0])
    session.reset()
    session.train(batches[0])
    once, examples = session.total()
    assert examples == 16
    session.reset()
    assert once == pytest.approx(session.step(batches[0]), rel=1e-6)


def test_a_total_that_was_not_begun(graphs):
    session = Unread(graphs / "linear")
    with pytest.raises(tf.errors.NotFoundError, match="totals/losses"):
        session.train(parity_batches(graphs / "linear")[0])


def test_the_total_is_no_variable(graphs):
    reader = tf.train.load_checkpoint(str(graphs / "mlp" / "variables" / "variables"))
    assert not [name for name in reader.get_variable_to_shape_map() if "total" in name or "losses" in name]
