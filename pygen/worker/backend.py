"""The process that a job asks for: Keras's backend, devices and threads; and what is really there."""

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from unittest import mock

from pygen.author.process import BACKEND, HARMLESS, STEERING
from pygen.worker import machine
from pygen.worker.protocol import Failure

# What trains, and the backend of Keras that it needs.
BACKENDS = {"fit": "tensorflow", "fit-jax": "jax", "fit-torch": "torch", "tf-function": "tensorflow"}

# What a driver shows of its GPUs, read when a backend begins.
_VISIBLE = "CUDA_VISIBLE_DEVICES"

_TENSORFLOWS = ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu", "tensorflow-macos", "tensorflow-intel")


def check(job):
    """Raise Failure where the environment is not what the job needs, or this Python lacks what is to train."""
    for name, wanted in job.env.items():
        if (found := os.environ.get(name)) != wanted:
            raise Failure("env", f"the worker's environment has {name}={found!r}, not {wanted!r}")
    backend = BACKENDS.get(job.runtime)
    if backend is None:
        raise Failure("job", f"a worker in Python has no runtime {job.runtime!r}: it has {', '.join(BACKENDS)}")
    if os.environ.get(BACKEND, "tensorflow") != backend:
        raise Failure("job", f"the runtime {job.runtime} needs {BACKEND}={backend}, and it is {os.environ[BACKEND]!r}")
    for module, name in (("keras", "Keras"), (backend, {"torch": "PyTorch"}.get(backend, backend))):
        if importlib.util.find_spec(module) is None:
            hint = "install it there, or name a Python that has it"
            raise Failure("job", f"this Python ({sys.executable}) has no {name}", hint)
    if backend == "jax" and (job.config["intra_op"] or job.config["inter_op"]):
        raise Failure("job", "JAX has no number of threads to set", "leave intra-op and inter-op out")


def hint(job):
    """Return what to do where a job cannot be trained on its backend."""
    return "" if BACKENDS[job.runtime] == "tensorflow" else "what only TensorFlow trains, the runtime fit does"


def only_tensorflow(what):
    """Raise Failure for `what` the job asks for, which other backends of Keras do not have."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise Failure("job", f"{what} are TensorFlow's, and this trains on {keras.backend.backend()}")


def versions():
    """Return {name: version} of Python, Keras and the backends that are installed, without importing them."""
    found = {"python": platform.python_version(), "keras": _version("keras"), "tensorflow": _tensorflow()}
    found |= {"jax": _version("jax"), "torch": _version("torch")}
    return {name: version for name, version in found.items() if version}


def _version(distribution):
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _tensorflow():
    """Return the version of TensorFlow, which has many distributions, "" without it."""
    if importlib.util.find_spec("tensorflow") is None:
        return ""
    return next(filter(None, map(_version, _TENSORFLOWS)), "unknown")


def begin(config):
    """Import Keras on its backend, with the devices and threads of a `config`. Raises Failure.

    What cannot be changed once the backend is there is set before it is imported.
    """
    if config["device"] == "cpu":
        os.environ[_VISIBLE] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"
    if gpus := _numbers(config["device"]):
        os.environ[_VISIBLE] = _visible(gpus, os.environ.get(_VISIBLE))
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # as the graph's session does
    try:
        import keras
    except ImportError as error:
        raise Failure("job", f"this Python ({sys.executable}) cannot import Keras: {error}") from error
    if limit := config.get("gpu_memory_limit"):
        _limit(limit)
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    if (asked := config["device"]) not in ("", "cpu") and not _is_there(asked):
        raise Failure("device", f"Keras on {keras.backend.backend()} does not see the device {asked}")


def _limit(size):
    """Let TensorFlow, which has not begun, take so many bytes of each GPU. Raises Failure on another backend."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise Failure("job", f"the memory of a GPU is not limited on {keras.backend.backend()}", "leave the limit out")
    from tensorflow import config as tf_config

    for gpu in tf_config.list_physical_devices("GPU"):
        only = tf_config.LogicalDeviceConfiguration(memory_limit=size >> 20)
        tf_config.set_logical_device_configuration(gpu, [only])


@contextlib.contextmanager
def threads(config):
    """Within it, the threads are those that the `config` asks for, whatever a script sets; 0 leaves them."""
    import keras

    asked = {"intra": config["intra_op"], "inter": config["inter_op"]}
    with contextlib.ExitStack() as stack:
        if keras.backend.backend() == "tensorflow":
            from tensorflow import config as tf_config

            for kind, count in asked.items():
                name = f"set_{kind}_op_parallelism_threads"
                if count:
                    getattr(tf_config.threading, name)(count)
                    stack.enter_context(mock.patch.object(tf_config.threading, name, lambda _: None))
        elif keras.backend.backend() == "torch":
            import torch

            if asked["intra"]:
                torch.set_num_threads(asked["intra"])
            if asked["inter"]:
                torch.set_num_interop_threads(asked["inter"])
        yield


def used_threads(config):
    """Return {"intra_op", "inter_op"} as they are: those asked for, or set by the script, or one for each core."""
    import keras

    found = {"intra_op": config["intra_op"], "inter_op": config["inter_op"]}
    if keras.backend.backend() == "tensorflow":
        from tensorflow import config as tf_config

        found["intra_op"] = found["intra_op"] or tf_config.threading.get_intra_op_parallelism_threads()
        found["inter_op"] = found["inter_op"] or tf_config.threading.get_inter_op_parallelism_threads()
    elif keras.backend.backend() == "torch":
        import torch

        found = {"intra_op": torch.get_num_threads(), "inter_op": torch.get_num_interop_threads()}
    return {name: count or machine.cores() for name, count in found.items()}


def _numbers(device):
    """Return the numbers of the GPUs that a device such as gpu:0,1 names; none for a device without any."""
    return [int(number) for number in device.partition(":")[2].split(",") if number]


def _visible(gpus, before):
    """Return the value of CUDA_VISIBLE_DEVICES with which a backend sees those of its GPUs alone, in their order.

    `before` is its value until now, which those numbers count in, or None. Raises Failure for a number beyond it.
    """
    if before is None:
        return ",".join(map(str, gpus))
    names = before.split(",")
    if beyond := [number for number in gpus if number >= len(names)]:
        raise Failure("device", f"GPU {beyond[0]} is not there: {_VISIBLE} is {before!r}")
    return ",".join(names[number] for number in gpus)


def _is_there(device):
    """Report whether the backend sees the device, and of GPUs that are named each, which are then all it sees."""
    kind, gpus = device.partition(":")[0], _numbers(device)
    found = [each for each in devices() if each["type"] == kind.upper()]
    return len(found) == len(gpus) if gpus else bool(found)


def devices():
    """Return the devices that the backend sees, as record.Device has them; the size of none is known."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        found = [(d.name, d.device_type) for d in tf.config.list_logical_devices()]
    elif backend == "jax":
        import jax

        found = [(str(d), d.platform.upper()) for d in jax.devices()]
    else:
        import torch

        found = [("cpu", "CPU")] + [(f"cuda:{n}", "GPU") for n in range(torch.cuda.device_count())]
    return [{"name": name, "type": kind, "memory_bytes": 0} for name, kind in found]


def used_device(config):
    """Return the device that trains, as record.Config names it."""
    if config["device"]:
        return config["device"]
    return "gpu" if any(device["type"] in ("GPU", "CUDA") for device in devices()) else "cpu"


def steering():
    """Return the environment variables that steer how it trains, as this process has them."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(STEERING) and not name.startswith(HARMLESS)
    }
