"""Named sets of models, read from suites.json."""

import json
from pathlib import Path

_SUITES = json.loads((Path(__file__).parents[1] / "suites.json").read_text(encoding="utf-8"))


def names():
    """Return the names of all suites."""
    return list(_SUITES)


def models(suite):
    """Return the models of a suite, as the command line names them."""
    return _SUITES[suite]
