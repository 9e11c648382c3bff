"""What a script sets for its whole process: threads, environment, devices, how TensorFlow computes.

The exporter has settings of its own, one thread and no rewriting, on which its comparison with Keras rests. What a
script sets is noted, for the launches to repeat or a notice to say, and not applied.
"""

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from pygen.author import audit
from pygen.author.notices import Notices

# Prefixes of environment variables that change how a graph trains, and of those among them that change no result, as
# harness/machine/environment.go has them.
STEERING = (
    "TF_",
    "XLA_",
    "ONEDNN_",
    "DNNL_",
    "OMP_",
    "KMP_",
    "MKL_",
    "CUDA_",
    "NVIDIA_",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "MALLOC_",
)
HARMLESS = ("TF_CLI", "TF_CPP")

BACKEND = "KERAS_BACKEND"
GIVEN_BACKEND = "EPOCHTIME_KERAS_BACKEND"  # the person's own, where the exporter has set BACKEND


@dataclass
class Settings:
    """What a script has set. Threads are 0 where it leaves them to TensorFlow."""

    intra_op: int = 0
    inter_op: int = 0
    env: dict = field(default_factory=dict)
    notices: Notices = field(default_factory=Notices)

    def described(self):
        """Return the "process" of the manifest, {} where the script sets nothing."""
        found = {"intra_op": self.intra_op, "inter_op": self.inter_op, "env": dict(sorted(self.env.items()))}
        return {key: value for key, value in found.items() if value}

    def note(self, name, value):
        """Note that an environment variable is set to `value`, or taken away where that is None."""
        if name == BACKEND:
            self.backend(value, "the script sets")
        if not name.startswith(STEERING) or name.startswith(HARMLESS):
            return
        if value is None:
            self.env.pop(name, None)
        else:
            self.env[name] = value

    def backend(self, name, who):
        """Say which backend of Keras is asked for, if it is another than TensorFlow."""
        if name not in (None, "", "tensorflow"):
            self.notices.say("backend", f"{who} the Keras backend {name}, and TensorFlow is timed")

    def add_flag(self, flag):
        """Add to the flags of XLA."""
        flags = self.env.get("TF_XLA_FLAGS", "").split()
        self.env["TF_XLA_FLAGS"] = " ".join([*(f for f in flags if f != flag), flag])


@contextlib.contextmanager
def watching(notices=None):
    """Within it, what is set for the process is noted in the `Settings` that it gives, and not applied.

    What is said goes to `notices`, a `Notices`. The environment is then as before.
    """
    import tensorflow as tf

    tf.config.list_physical_devices()  # found now, so that a CUDA_VISIBLE_DEVICES of the script changes nothing
    settings = Settings(notices=Notices() if notices is None else notices)
    settings.backend(_given_backend(), "your settings ask for")
    with contextlib.ExitStack() as stack:
        stack.callback(_restore, dict(os.environ))
        stack.enter_context(audit.listening(lambda event, arguments: _environment(settings, event, arguments)))
        for owner, name, value in [*_context(settings), *_functions(settings)]:
            if hasattr(owner, name):
                stack.enter_context(mock.patch.object(owner, name, value))
        yield settings


def _restore(before):
    """Make the environment what it was."""
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


def _given_backend():
    """Return the backend that the person asks for, in the environment or in keras.json; None for none."""
    if name := os.environ.get(GIVEN_BACKEND):
        return name
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        found = json.loads((Path(home) / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("backend") if isinstance(found, dict) else None


def _environment(settings, event, arguments):
    if event == "os.putenv":
        settings.note(*map(os.fsdecode, arguments))
    elif event == "os.unsetenv":
        settings.note(os.fsdecode(arguments[0]), None)


def _context(settings):
    """Return what stands in for parts of TensorFlow's context, through which all names of its settings lead."""
    from tensorflow.python.eager.context import Context

    say = settings.notices.say

    def threads(kind):
        return property(lambda _: getattr(settings, kind), lambda _, count: setattr(settings, kind, int(count)))

    def compile_all(_, enabled):
        if enabled:
            settings.add_flag("--tf_xla_auto_jit=1")

    def place(_, enabled):
        if not enabled:
            say("devices", "set_soft_device_placement(False) is not repeated: an operation may run on another device")

    def rewrite(_, options):
        told = ", ".join(f"{key}={value}" for key, value in options.items())
        say("optimizer", f"tf.config.optimizer.set_experimental_options({told}) is not repeated")

    def grow(_, device, enabled):
        if enabled:
            settings.env["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"

    def device(name):
        return lambda *_, **__: say("devices", f"tf.config.{name}(...) is not repeated: a launch has its own devices")

    found = Context.list_physical_devices
    return [
        (Context, "intra_op_parallelism_threads", threads("intra_op")),
        (Context, "inter_op_parallelism_threads", threads("inter_op")),
        (Context, "optimizer_jit", property(lambda _: False, compile_all)),
        (Context, "soft_device_placement", property(lambda _: True, place)),
        (Context, "set_optimizer_experimental_options", rewrite),
        (Context, "set_memory_growth", grow),
        (Context, "get_memory_growth", lambda *_: True),
        (Context, "set_visible_devices", device("set_visible_devices")),
        (Context, "set_logical_device_configuration", device("set_logical_device_configuration")),
        (Context, "set_logical_cpu_devices", device("set_logical_device_configuration")),
        (Context, "list_physical_devices", lambda self, kind=None: found(self, kind) + _gpus(kind)),
        (Context, "get_device_details", lambda *_: {}),
    ]


def _gpus(kind):
    """Return the GPUs of the machine, which the exporter does not use, as scripts expect to find them."""
    from tensorflow.python.eager.context import PhysicalDevice

    if kind not in (None, "GPU"):
        return []
    count = len(list(Path("/dev").glob("nvidia[0-9]*")))
    return [PhysicalDevice(f"/physical_device:GPU:{number}", "GPU") for number in range(count)]


def _functions(settings):
    """Return what stands in for functions of TensorFlow that change how all of it computes."""
    import keras
    import tensorflow as tf

    say = settings.notices.say

    def not_repeated(about, name, reason):
        return lambda *_, **__: say(about, f"{name} is not repeated: {reason}")

    def eagerly(run_eagerly):
        if run_eagerly:
            say("eager", "the script runs functions eagerly, and a graph is timed, which may be many times as fast")

    def reduced(enabled):
        if not enabled:
            settings.env["NVIDIA_TF32_OVERRIDE"] = "0"

    def deterministic():
        settings.env["TF_DETERMINISTIC_OPS"] = "1"

    numerics = not_repeated("debugging", "tf.debugging.enable_check_numerics()", "its checks are not in the time")
    dump = not_repeated("debugging", "enable_dump_debug_info(...)", "its dumps are not in the time")
    debug = not_repeated("eager", "tf.data.experimental.enable_debug_mode()", "the pipeline is a graph")
    old = tf.compat.v1
    return [
        *((owner.config, "run_functions_eagerly", eagerly) for owner in (tf, old)),
        *((owner.config, "experimental_run_functions_eagerly", eagerly) for owner in (tf, old)),
        *((owner.debugging, "enable_check_numerics", numerics) for owner in (tf, old)),
        *((owner.debugging.experimental, "enable_dump_debug_info", dump) for owner in (tf, old)),
        (keras.config, "set_backend", lambda name: settings.backend(name, "the script sets")),
        (tf.data.experimental, "enable_debug_mode", debug),
        (tf.config.experimental, "enable_op_determinism", deterministic),
        (tf.config.experimental, "enable_tensor_float_32_execution", reduced),
    ]
