import pytest

from pygen.author import arguments
from pygen.errors import UsageError


class Model:
    def __init__(self, units):
        pass


def build(width, depth=2, *, name="m"):
    pass


def open_ended(width=1, **others):
    pass


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        (build, {"width": 1, "widht": 3}, "--arg widht: build(...) has no argument of that name; it takes width, "),
        (build, {}, "build(...) needs the argument width: give --arg width=VALUE; it takes width, depth=2, name='m'"),
        (Model, {"n": 3}, "--arg n: Model(...) has no argument of that name; it takes units"),
        (lambda: None, {"n": 3}, "--arg n: <lambda>(...) has no argument of that name; it takes none"),
        (lambda n, /: None, {"n": 3}, "it takes none"),
    ],
)
def test_says_what_the_function_takes(function, given, message):
    with pytest.raises(UsageError) as caught:
        arguments.check(function, given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("function", "given"),
    [(build, {"width": 1, "name": "n"}), (open_ended, {"anything": 1}), (Model, {"units": 1}), (type, {"any": 1})],
)
def test_accepts_what_can_be_called(function, given):
    arguments.check(function, given)


@pytest.mark.parametrize(
    ("function", "given", "times", "wanted"),
    [
        (lambda width=64: None, {}, 2, {"width": 128}),
        (lambda width=64: None, {"width": 10, "n": 1}, 0.5, {"width": 5, "n": 1}),
        (lambda depth=3, filters=32: None, {}, 0.5, {"filters": 16}),
        (lambda units=1: None, {}, 0.25, {"units": 1}),
        (lambda: None, {}, None, {}),
    ],
)
def test_another_width_is_that_of_the_function(function, given, times, wanted):
    assert arguments.widened(function, given, times) == wanted


@pytest.mark.parametrize("function", [lambda: None, lambda width="wide": None, lambda filters=(16, 32): None, type])
def test_a_function_without_a_width_is_refused(function):
    with pytest.raises(UsageError) as caught:
        arguments.widened(function, {}, 2)
    assert "takes no width, filters or units that is an integer" in str(caught.value)
