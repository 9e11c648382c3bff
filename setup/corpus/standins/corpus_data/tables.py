"""Tables."""

import json

import numpy as np

ADULT = {
    "workclass": ["Private", "State-gov", "?"],
    "education": ["Bachelors", "HS-grad", "Masters"],
    "marital": ["Never-married", "Divorced"],
    "occupation": ["Sales", "Tech-support", "Craft-repair"],
    "relationship": ["Husband", "Wife", "Own-child"],
    "race": ["White", "Black", "Other"],
    "gender": ["Male", "Female"],
    "country": ["United-States", "Mexico", "India", "Cuba", "Peru", "Laos", "Iran"],
}


def census(rows, test=False):
    """Return the United States census income table; the test part begins with a line that is no row."""
    rng = np.random.default_rng(int(test))
    lines = ["|1x3 Cross validator"] if test else []
    for _ in range(rows):
        word = {name: str(rng.choice(values)) for name, values in ADULT.items()}
        income = str(rng.choice(["<=50K", ">50K"])) + ("." if test else "")
        age, weight, years, gain, loss, hours = rng.integers([18, 10000, 1, 0, 0, 10], [80, 90000, 16, 999, 99, 60])
        row = [age, word["workclass"], weight, word["education"], years, word["marital"], word["occupation"]]
        row += [word["relationship"], word["race"], word["gender"], gain, loss, hours, word["country"], income]
        lines.append(", ".join(map(str, row)))
    return ("\n".join(lines) + "\n").encode()


def credit_cards(rows=6000, quoted=False):
    """Return the credit card fraud table: Time, V1 to V28, Amount, Class; one row in twenty is a fraud."""
    rng = np.random.default_rng(0)
    quote = '"{}"'.format if quoted else str
    lines = [",".join(f'"{name}"' for name in ["Time", *(f"V{i}" for i in range(1, 29)), "Amount", "Class"])]
    for i, values in enumerate(rng.normal(size=(rows, 29))):
        numbers = [f"{v:.4f}" for v in values[:28]]
        lines.append(",".join([str(i), *numbers, f"{abs(values[28]) * 50:.2f}", quote(int(i % 20 == 0))]))
    return ("\n".join(lines) + "\n").encode()


def series(rows, separator, length, labels, label_last):
    """Return a table with a time series and its label in each row."""
    rng = np.random.default_rng(rows)
    lines = []
    for i in range(rows):
        values = [f"{v:.4f}" for v in rng.normal(size=length)]
        label = str(labels[i % len(labels)])
        lines.append(separator.join([*values, label] if label_last else [label, *values]))
    return ("\n".join(lines) + "\n").encode()


def brainwaves(rows=300):
    """Return the synchronized brainwave table; raw_values is a list of 512 numbers in JSON."""
    rng = np.random.default_rng(0)
    names = ["", "id", "indra_time", "browser_latency", "reading_time", "attention_esense", "meditation_esense"]
    names += ["eeg_power", "raw_values", "signal_quality", "createdAt", "updatedAt", "label"]
    labels = ["blink1", "math1", "colorRound1-1", "relax", "unlabeled", "readyRound1", "thinkOfItems-ver1", "music"]
    lines = [",".join(names)]
    for i in range(rows):
        raw = '"' + json.dumps(rng.integers(-500, 500, 512).tolist()) + '"'
        power = '"' + json.dumps(rng.integers(1, 9999, 8).tolist()) + '"'
        row = [i, i % 30, "t", 1, "t", 2, 3, power, raw, 0, "t", "t", labels[i % len(labels)]]
        lines.append(",".join(map(str, row)))
    return ("\n".join(lines) + "\n").encode()


def weather(rows=6800):
    """Return the Jena climate table: a date and 14 numbers every ten minutes; the second is the temperature.

    A script tests on the last quarter without its last 1,572 rows.
    """
    rng = np.random.default_rng(0)
    names = ["Date Time", "p (mbar)", "T (degC)", *(f"column {i}" for i in range(3, 15))]
    lines = [",".join(f'"{name}"' for name in names)]
    for i, values in enumerate(rng.normal(10, 5, (rows, 14))):
        lines.append(",".join([f"01.01.2009 {i % 24:02d}:{i % 6}0:00", *(f"{v:.2f}" for v in values)]))
    return "\n".join(lines).encode()


def cars(rows=398):
    """Return the table of fuel consumption: eight numbers, the last an origin from 1 to 3, and a name behind a tab."""
    rng = np.random.default_rng(0)
    lines = []
    for i, (mpg, size, power, weight, seconds) in enumerate(
        rng.normal((23, 190, 100, 2970, 15), (7, 60, 30, 700, 2), (rows, 5))
    ):
        numbers = f"{mpg:.1f} {3 + i % 6} {size:.1f} {power:.1f} {weight:.0f}. {seconds:.1f} {70 + i % 13} {1 + i % 3}"
        lines.append(f'{numbers}\t"car {i}"')
    return "\n".join(lines).encode()
