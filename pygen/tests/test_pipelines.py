import pytest

from pygen.peers import pipelines
from pygen.peers.pipelines.__main__ import KINDS, main, row, verdict


def sides(*ratios):
    """What was measured where Go takes so many times as long as Python, in rounds of other speeds."""
    python = [0.1 * number for number in range(1, len(ratios) + 1)]
    return {"go": [base * ratio for base, ratio in zip(python, ratios, strict=True)], "python": python}


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ((1.1, 1.05, 1.2, 1.06, 1.08, 1.3), "slower"),
        ((1.02, 1.01, 1.02, 1.01, 1.02, 1.01), "not slower"),  # within the threshold
        ((1.1, 0.9, 1.2, 1.06, 1.08, 1.3), "inconclusive"),  # the interval has 1
        ((0.9, 0.8, 0.7, 0.9, 0.8, 0.9), "faster"),
        ((1.2,), "inconclusive"),
    ],
)
def test_verdict(ratios, said):
    assert verdict(sides(*ratios)) == said


def test_row():
    measured = sides(0.5, 0.6, 0.7)
    assert row("texts", measured, "faster") == "| texts | 120 ms | 200 ms | 0.600 | 0.50 – 0.70 | faster |"


def test_kinds_are_scripts(capsys):
    from pathlib import Path

    assert all((Path(pipelines.__file__).parent / f"{kind}.py").exists() for kind in KINDS)
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "there is no kind nothing" in capsys.readouterr().err
