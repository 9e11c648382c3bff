"""Requests: how one is made of what a command line says, and how the manifest of a graph keeps it."""

import argparse
import inspect
import os
from dataclasses import replace

from pygen import options
from pygen.author import origin
from pygen.errors import ExportError
from pygen.examples.datafile import DataFile
from pygen.examples.source import Synthetic


def make(spec, chosen, name):
    """Return the `options.Request` of a model with the Options `chosen`. Raises UsageError, ExportError, OSError.

    `name` is that of its graph, None for the default.
    """
    name = name or options.default_name(spec, chosen)
    return options.Request(**vars(chosen), spec=spec, name=name, source=_source(spec, chosen))


def _source(spec, chosen):
    """Return where the examples of a built-in model come from; None for any other model."""
    if spec.kind != "built-in":
        return None
    module = origin.module_of(spec)
    if chosen.data:
        return DataFile(chosen.data, spec.text, inspect.signature(module.build).parameters)
    return Synthetic(module.DATA)


def described(request):
    """Return the "origin" of the manifest, from which `remade` makes the request again.

    Its paths are whole, since a script may change the present folder, `request.folder` at first.
    """
    path = request.spec.path
    model = os.path.join(request.folder, path) + (f":{request.spec.function}" if request.spec.function else "")
    whole = replace(
        request,
        data=request.data and request.data.absolute(),
        imports=tuple(os.path.join(request.folder, file) for file in request.imports),
    )
    words = [word for about, value in options.changed(whole) for word in about.words(value)]
    return {"model": model if path else request.spec.text, "folder": request.folder, "options": words}


def remade(found):
    """Return the request that an "origin" of a manifest describes. Raises ExportError for one that cannot be read."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    options.add_to(parser)
    try:
        chosen = options.chosen(parser.parse_args(found["options"]))
        request = make(origin.parse(found["model"]), chosen, None)
        return replace(request, folder=found["folder"])
    except (argparse.ArgumentError, KeyError, TypeError, SystemExit) as error:
        raise ExportError(f'its "origin" is of another version ({error}): export it again') from error
