"""A script while it runs: what it sets and reads, and whether it trains as only itself can."""

import contextlib

from pygen.author import children, loops, opened, own, process, script
from pygen.author.limit import Limit
from pygen.author.notices import Notices
from pygen.errors import ExportError
from pygen.folder import manifest


class Observed:
    """The run of a script. `settings`, `files` and `loops` say what it has done; `limit` is to be paused by an export.

    `notices` are about all that the script trains; `started` has the lines that start processes.
    """

    def __init__(self, request):
        """Take an `options.Request`."""
        self.request, self.limit, self.notices = request, Limit(), Notices()
        self.settings = self.files = self.loops = self.started = None

    def run(self):
        """Run the script, and return how it ended, a `script.Ended`.

        A script that trains in a loop of its own has failed there. Raises ExportError for one whose train_on_batch(...)
        is called less often than an epoch has steps.
        """
        request = self.request
        with contextlib.ExitStack() as stack:
            self.settings = stack.enter_context(process.watching(self.notices))
            self.files = stack.enter_context(opened.watching(own.running))
            watched = loops.watching(own.running, request.steps_per_epoch, request.one_replica, self.notices)
            self.loops = stack.enter_context(watched)
            self.started = stack.enter_context(children.started())
            try:
                ended = script.run(request, self.limit, self.notices)
            except loops.Collected:
                ended = script.Ended()
            except loops.Refusal as refusal:
                self.loops.refusal = refusal
        if self.loops.refusal:
            return script.Ended(error=str(self.loops.refusal))
        batches = self.loops.batches
        if batches and len(batches.batches) < request.steps_per_epoch:
            raise ExportError(
                f"the script calls train_on_batch(...) {len(batches.batches)} times, at {batches.where}: "
                f"--steps-per-epoch {request.steps_per_epoch} is more"
            )
        return ended

    def describe(self, described, folder):
        """Add to a manifest what holds for the whole script, and write it to the graph's `folder`. Raises OSError."""
        for notice in self.notices:
            if notice not in described.get("notices", []):
                described["notices"] = [*described.get("notices", []), notice]
        if settings := self.settings.described():
            described["process"] = settings
            described["sha256"] = manifest.identity(folder, described)
        manifest.write(folder, described)
