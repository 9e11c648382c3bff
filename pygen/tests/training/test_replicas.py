"""Steps in replicas against one device and MirroredStrategy. `replicated` compares all models, which takes minutes."""

import pytest

from pygen.tests.training import replicated

NEAR = 1e-5


@pytest.mark.parametrize(("name", "replicas"), [("linear", 4), ("mlp", 2)])
def test_trains_as_one_device_does(name, replicas):
    found = replicated.asked(name, replicas)
    assert max(found["loss_one"], found["weights_one"], found["loss_mirrored"], found["weights_mirrored"]) < NEAR


def test_short_batches_and_dropout_are_those_of_mirrored_strategy():
    """A short batch of 3 leaves the last of four replicas nothing, and each drops the same places of its examples."""
    found = replicated.asked("textcnn", 4, 8, short=True)
    assert max(found["loss_mirrored"], found["weights_mirrored"]) < NEAR
    assert found["loss_one"] > 100 * NEAR  # or the test could not fail
