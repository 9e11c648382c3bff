"""The line of an error's message that says what is wrong.

Keras, AutoGraph and TensorFlow put their own words around the reason: which layer was called, with which arguments,
what the code was on the way. A message may be wrapped more than once.
"""

import argparse
import os
import re
import sys

_KERAS2 = "TF_USE_LEGACY_KERAS"

MOST = 400  # characters of a reason that are told

# What stands before the reason in a message. Each ends where the rest of the message begins.
_BEFORE = [
    re.compile(r"Exception encountered when calling [^\n]*\n\s*"),
    re.compile(r"Could not automatically infer the output shape .*?Error encountered:\s*", re.DOTALL),
    re.compile(r"(?:<class '|Error when deserializing class ).*?Exception encountered: ", re.DOTALL),
    re.compile(r"in user code:\s*\n(?:\s*\n| {4}File [^\n]*\n| {8}[^\n]*\n| +[~^]+ *\n)*\s*"),
    re.compile(r"Graph execution error:\s*\n"),
    re.compile(r"Detected at node [^\n]*\n(?:\s*\n| +File [^\n]*\n|<stack traces unavailable>\n)*"),
    re.compile(r"\d+ root error\(s\) found\.\s*\(0\) (?:[A-Z_]+: )?"),
    re.compile(r"\{\{function_node [^}]*\}\} *"),
]
_BOLD = re.compile(r"\x1b\[[0-9;]*m")
_TYPE = re.compile(r"((?:\w+\.)*(\w*(?:Error|Exception|Interrupt|Stop\w*))): ")
_NODE = re.compile(r" for '\{\{node .*?\}\} = .*?'(?= with |\.|$)")
_AFTER = re.compile(r"\s*\[Op:\w+\](?: name:)?.*$|\s*\[\[\{\{node .*$")
_AUTHORS = re.compile(r'^ +File "(?P<file>[^"\n]+)", line (?P<line>\d+), in [^\n]*$', re.MULTILINE)


def of(error):
    """Return (name of the error's type, reason in one line, "" if its message is empty)."""
    kind, text = type(error).__name__, _BOLD.sub("", str(error)).strip()
    while True:
        rest = _unwrapped(text)
        if named := _TYPE.match(rest) if rest != text else None:  # AutoGraph names the type again
            kind, rest = named[2], rest[named.end() :]
        if rest == text:
            break
        text = rest
    return kind, _tidy(next((line.strip() for line in text.splitlines() if line.strip()), ""))


def _unwrapped(text):
    for pattern in _BEFORE:
        if (found := pattern.match(text)) and text[found.end() :].strip():
            return text[found.end() :].lstrip()
    return text


def _tidy(line):
    """Return the line without the names that TensorFlow gives to nodes, and not too long."""
    line = _AFTER.sub("", _NODE.sub("", line)).strip().removesuffix(".")
    return line if len(line) <= MOST else line[:MOST].rstrip() + "…"


def places(error):
    """Return [(file, line)] of the code that the message itself names, outermost first."""
    return [(found["file"], int(found["line"])) for found in _AUTHORS.finditer(str(error))]


def help_for(error):
    """Return what to do about an error whose kind tells it, "" for any other."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{sys.executable} has no module of that name: install it there, or name a Python that has it, --python"
    if isinstance(error, ImportError) and "attempted relative import" in str(error):
        return "it is a module of a package: name it with -m, as in -m package.module"
    if isinstance(error, ImportError) and "Keras cannot be imported" in str(error) and os.environ.get(_KERAS2):
        return f"{_KERAS2} asks TensorFlow for Keras 2, whose models cannot be exported: leave it unset"
    if isinstance(error, ImportError):
        return f"{sys.executable} runs it: install what it needs there, or name a Python that has it, --python"
    if isinstance(error, SystemExit) and _of_argparse(error):
        return "arguments for it stand after --, as in FILE.py -- ARGS"
    return ""


def of_exit(error):
    """Return why a script ended by itself, from its SystemExit, in one line."""
    if isinstance(error.code, str) and error.code.strip():
        return f"it ends by itself: {_tidy(error.code.strip().splitlines()[0])}"
    told = f"it ends by itself, with exit code {error.code or 0}"
    usage = _of_argparse(error)
    return f"{told}: {usage}" if usage else told


def _of_argparse(error):
    """Return the message that argparse wrote before it ended Python, "" if it did not."""
    trace, message = error.__traceback__, ""
    while trace is not None:
        code, values = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if code.co_name == "error" and isinstance(values.get("self"), argparse.ArgumentParser):
            usage = " ".join(values["self"].format_usage().split())
            message = f"{values.get('message', '')} ({usage})"
        trace = trace.tb_next
    return message
