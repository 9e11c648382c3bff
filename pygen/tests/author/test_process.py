"""What a script sets for its process is noted, and changes nothing of the exporter's."""

import os
import re

import pytest

from pygen.author import process
from pygen.tests.conftest import ROOT


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv(process.GIVEN_BACKEND, raising=False)
    return tmp_path


def after(function):
    with process.watching() as settings:
        function()
    return settings


def says(settings):
    return [notice["about"] for notice in settings.notices]


def test_prefixes_are_those_of_the_launcher():
    text = (ROOT / "harness" / "machine" / "environment.go").read_text()
    assert re.findall(r'^\t\{"(\w+)", true, (?:true|false)\},', text, re.MULTILINE) == list(process.STEERING)
    harmless = re.search(r"harmless = \[\]string\{(.*)\}", text)[1]
    assert re.findall(r'"(\w+)"', harmless) == list(process.HARMLESS)


def test_threads_and_environment():
    import tensorflow as tf

    def script():
        os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
        os.environ["OMP_NUM_THREADS"] = "1"
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"
        os.environ["MINE"] = "1"
        os.environ["MKL_X"] = "1"
        del os.environ["MKL_X"]
        tf.config.threading.set_intra_op_parallelism_threads(2)
        tf.config.threading.set_inter_op_parallelism_threads(3)
        assert tf.config.threading.get_intra_op_parallelism_threads() == 2

    before, own = dict(os.environ), tf.config.threading.get_intra_op_parallelism_threads()
    settings = after(script)
    env = {"OMP_NUM_THREADS": "1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    assert settings.described() == {"intra_op": 2, "inter_op": 3, "env": env}
    assert settings.notices == []
    assert dict(os.environ) == before
    assert tf.config.threading.get_intra_op_parallelism_threads() == own


def test_a_script_that_sets_what_is_there_already_sets_it(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert after(lambda: os.environ.update(CUDA_VISIBLE_DEVICES="-1")).env == {"CUDA_VISIBLE_DEVICES": "-1"}


def test_what_becomes_environment():
    import tensorflow as tf

    def script():
        os.environ["TF_XLA_FLAGS"] = "--tf_xla_cpu_global_jit"
        tf.config.optimizer.set_jit(True)
        tf.config.optimizer.set_jit("autoclustering")
        tf.config.experimental.enable_op_determinism()
        tf.config.experimental.enable_tensor_float_32_execution(False)
        tf.config.experimental.set_memory_growth(tf.config.list_physical_devices("CPU")[0], True)

    assert after(script).env == {
        "TF_XLA_FLAGS": "--tf_xla_cpu_global_jit --tf_xla_auto_jit=1",
        "TF_DETERMINISTIC_OPS": "1",
        "NVIDIA_TF32_OVERRIDE": "0",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }
    tf.random.uniform(())  # which needs a seed where operations are deterministic


def test_what_is_said():
    import keras
    import tensorflow as tf

    def script():
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_soft_device_placement(False)
        tf.config.set_visible_devices([], "GPU")
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        tf.config.optimizer.set_experimental_options({"auto_mixed_precision": True})
        tf.config.run_functions_eagerly(True)
        tf.debugging.enable_check_numerics()
        tf.data.experimental.enable_debug_mode()
        keras.config.set_backend("jax")
        os.environ["KERAS_BACKEND"] = "torch"

    settings = after(script)
    assert says(settings) == [*["devices"] * 3, "optimizer", "eager", "debugging", "eager", "backend", "backend"]
    assert not tf.config.functions_run_eagerly()
    assert "auto_mixed_precision" not in tf.config.optimizer.get_experimental_options()
    assert len(tf.config.list_logical_devices("CPU")) == 1


def test_what_changes_nothing_is_not_said():
    import tensorflow as tf

    def script():
        tf.config.run_functions_eagerly(False)
        tf.config.set_soft_device_placement(True)
        tf.config.optimizer.set_jit(False)
        tf.random.set_seed(3)
        os.environ["KERAS_BACKEND"] = "tensorflow"

    settings = after(script)
    assert settings.notices == []
    assert settings.described() == {}


def test_the_persons_own_backend(monkeypatch, home):
    (home / "keras.json").write_text('{"backend": "jax"}')
    assert says(after(lambda: None)) == ["backend"]
    (home / "keras.json").write_text('{"backend": "tensorflow"}')
    assert says(after(lambda: None)) == []
    (home / "keras.json").write_text("[]")
    assert says(after(lambda: None)) == []
    monkeypatch.setenv(process.GIVEN_BACKEND, "torch")
    assert says(after(lambda: None)) == ["backend"]


def test_gpus_that_the_exporter_does_not_use(monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(process.Path, "glob", lambda *_: ["/dev/nvidia0"])

    def script():
        gpu = tf.config.list_physical_devices("GPU")[0]
        tf.config.experimental.set_memory_growth(gpu, True)
        assert tf.config.experimental.get_device_details(gpu) == {}

    assert after(script).env == {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    assert tf.config.list_physical_devices("GPU") == []


def test_settings_of_keras_hold():
    import keras

    def script():
        keras.config.set_floatx("float16")
        keras.utils.set_random_seed(3)
        assert keras.layers.Dense(1).compute_dtype == "float32" or keras.config.floatx() == "float16"

    before = keras.config.floatx()
    try:
        assert after(script).notices == []
        assert keras.config.floatx() == "float16"
    finally:
        keras.config.set_floatx(before)
