"""The limit of a GPU's memory, on a machine that need not have one."""

from unittest import mock

import keras
import pytest
import tensorflow as tf

from pygen.worker import backend
from pygen.worker.protocol import Failure


def test_each_gpu_is_limited():
    gpus, given = ["GPU:0", "GPU:1"], []
    with (
        mock.patch.object(tf.config, "list_physical_devices", lambda kind: gpus if kind == "GPU" else []),
        mock.patch.object(tf.config, "set_logical_device_configuration", lambda gpu, only: given.append((gpu, only))),
    ):
        backend._limit((3 << 30) + 5)
    assert [(gpu, only[0].memory_limit, len(only)) for gpu, only in given] == [(gpu, 3072, 1) for gpu in gpus]


def test_another_backend_has_no_limit():
    with mock.patch.object(keras.backend, "backend", lambda: "jax"), pytest.raises(Failure, match="not limited on jax"):
        backend._limit(1 << 30)
