"""A script, run as a person runs it."""

import os
import runpy
import sys
import traceback
from dataclasses import dataclass, field
from unittest import mock

from pygen.author import faults


@dataclass
class Ended:
    """A script that has ended: its names, and the error that ended it, "" for none."""

    namespace: dict = field(default_factory=dict)
    error: str = ""


def run(request):
    """Run the script of an `options.Request` as `python FILE ARGUMENTS` does, and return how it `Ended`."""
    path = request.spec.path
    folder = os.path.dirname(os.path.abspath(path))
    with (
        mock.patch.object(sys, "argv", [path, *request.script_arguments]),
        mock.patch.object(sys, "path", [folder, *sys.path]),
    ):
        try:
            return Ended(runpy.run_path(path, run_name="__main__"))
        except (Exception, SystemExit) as error:
            if isinstance(error, SystemExit) and not error.code:
                return Ended()
            traceback.print_exc()
            return Ended(error=faults.describe(error))
