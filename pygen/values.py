"""The values of options: what a text on the command line comes to."""

import argparse
import ast
import re


def pair(text):
    """Return (key, value) of KEY=VALUE; the value is a Python literal, or else the text itself."""
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def shape(text):
    """Return (name, dimensions of one example) of [NAME=]N,N,N; the name is "" where none is given."""
    name, _, value = text.rpartition("=")
    try:
        dimensions = tuple(int(n) for n in value.split(",") if n.strip())
    except ValueError:
        dimensions = ()
    if not dimensions or min(dimensions) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape such as 28,28,1")
    return name, dimensions


def length(text):
    """Return (name, (shortest, longest)) of [NAME=]N or [NAME=]MIN-MAX; the name is "" where none is given."""
    name, _, value = text.rpartition("=")
    low, _, high = value.partition("-")
    try:
        lengths = int(low), int(high or low)
    except ValueError:
        lengths = 0, 0
    if not 1 <= lengths[0] <= lengths[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is not a length such as 50 or 20-80")
    return name, lengths


def class_weight(text):
    """Return {label: weight} of 0=1,1=5."""
    try:
        return {int(label): float(weight) for label, weight in (each.split("=") for each in text.split(","))}
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not class weights such as 0=1,1=5") from None


def count(text):
    """Return a positive integer."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


count.__name__ = "integer"  # argparse names it so in its messages


def replicas(text):
    """Return a number of devices that one machine may have, 1 to 64."""
    value = int(text)
    if not 1 <= value <= 64:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 64")
    return value


replicas.__name__ = "integer"


def positive(text):
    """Return a positive, finite number."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


positive.__name__ = "number"


def name(text):
    """Return a name that can be that of a folder."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name of letters, digits, '.', '_' and '-'")
    return text
