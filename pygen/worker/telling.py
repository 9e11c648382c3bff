"""What a launch tells its parent: what was loaded, each epoch, what it cost."""

import math
import time

from pygen.worker import backend, machine
from pygen.worker.protocol import Failure


class Teller:
    """Sends the events of one launch over a `protocol.Channel`. `began` is when the process did, by `now`."""

    def __init__(self, channel, job, began, now=time.perf_counter):
        """Begin to load."""
        self.channel, self.job, self.began, self.now = channel, job, began, now
        self.steering = backend.steering()
        self._loading = now()
        self._data = 0.0
        self._before = None
        self._resident = 0  # the most after an epoch, in bytes
        self._mark = 0.0  # when an epoch could have begun: after loading, and after the last one
        self._around = 0.0  # before the first epoch and after the last
        self.epochs = 0  # that were told

    def took(self, seconds):
        """Note what reading or making examples took."""
        self._data += seconds

    def loaded(self, work):
        """Tell that the `work.Work` is ready; epochs come next."""
        config = self.job.config
        resolved = {"device": backend.used_device(config), "prefetch": 0, "jit": bool(work.model.jit_compile)}
        resolved |= backend.used_threads(config) | {"copied": None, "borrowed": None, "env": self.steering}
        resolved |= {"batch": work.batch, "samples": work.samples, "steps": work.steps, "pipeline": work.pipeline}
        devices = backend.devices()
        passed = self.now() - self._loading
        self.channel.send(
            "loaded",
            {
                "load_s": max(0.0, passed - self._data),
                "data_s": self._data,
                "devices": devices,
                "resolved": resolved,
            },
        )
        self._count()
        self._mark = self.now()

    def epoch(self, epoch, samples, loss, metrics):
        """Tell a `clock.Epoch` with its examples, its loss and its metrics by name. Raises Failure for a bad loss."""
        index = self.epochs
        if index == 0:
            self._around += max(0.0, epoch.begin - self._mark)
        self._mark = epoch.begin + epoch.seconds + epoch.validation
        if not math.isfinite(loss):
            raise Failure(
                "nonfinite", f"the loss of epoch {index} is {loss}", "lower the learning rate, or mend the data"
            )
        told = {"index": index, "warmup": index < self.job.config["warmup"], "start_s": epoch.begin - self.began}
        told |= {"seconds": epoch.seconds, "wait_s": epoch.wait, "step_s": epoch.step, "other_s": epoch.other}
        told |= {"callbacks_s": epoch.callbacks, "preprocess_s": 0.0, "steps": epoch.steps, "samples": samples}
        resident = machine.resident()
        self._resident = max(self._resident, resident)
        told |= {"loss": loss, "metrics": metrics, "rss_bytes": resident}
        if epoch.validation_steps:
            told |= {"validation_s": epoch.validation, "validation_steps": epoch.validation_steps}
            told["validation_samples"] = max(epoch.validation_examples, epoch.validation_steps)
        self.channel.send("epoch", told)
        self.epochs += 1
        self._count()

    def stages(self, found):
        """Tell what each transformation of an input pipeline takes, as `stages.find` has it."""
        self.channel.send("stages", {"stages": found})

    def memory(self):
        """Tell the peak of memory, and what disturbed the measured epochs."""
        since = machine.disturbance().since(self._before)
        peak = max(machine.peak(), self._resident)  # the kernel counts it late
        around = self._around + max(0.0, self.now() - self._mark)
        self.channel.send("memory", {"memory": {"peak_rss_bytes": peak}, "disturbance": since, "around_s": around})

    def _count(self):
        """Begin to count disturbances where the measured epochs begin."""
        if self.epochs == self.job.config["warmup"]:
            self._before = machine.disturbance()
