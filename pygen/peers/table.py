"""The page docs/peers.md, written from a record."""

from pygen.peers import contenders, stats
from pygen.peers.work import WARMUP

# A share of the processors' time that others took, over which the page warns.
DISTURBED = 0.1
# The least confidence of an interval that lets the page say who is faster.
SURE = 0.9
SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
HEAD = """\
# Epoch times beside other ways to train

Written by `make peers`; changes made here by hand are lost.

The same training — model, start weights, examples, their order, batch, loss, optimizer — in epochtime, Keras, a Python
loop, PyTorch, JAX and a bare C loop. An absolute time holds for one machine in one state; the ratios are what this page
is for, and they too may differ on another processor.
"""
METHOD = """\
## How it was measured

- Every measurement is a process of its own. In every round ({rounds} in all), models come in random order, and within a
  model all contenders in random order (seed {seed}), so that what drifts on the machine falls on all of them.
- A process takes the start weights of the Keras model and trains {warmup} warm-up epochs: in the first, every batch
  shape is run, and where there is a compiler compiled, for the first time. Then come the measured epochs, as many as
  the model's default. A process gives the median of its measured epochs.
- An epoch is one pass over all examples, the short last batch included, with slicing the batches and, in recurrent
  models, padding them (except Keras fit and the C loop, see below), until the last loss is on the host.
- **epoch time** is the median of the processes. **× epochtime** is the contender's time over that of `epochtime`, round
  by round: the median of these ratios. Above 1, epochtime is faster. The intervals are by order statistics, which
  assume no distribution (David and Nagaraja, *Order Statistics*, section 7.1){coverage}.
- **start** is from process start to the first measured epoch: imports, loading, compilation and the warm-up epochs.
- **Same work** is checked: the first epoch's mean loss must lie within {first:g} of the reference's, relatively, the
  last one's within {last:g}; who fails is not timed. The loss column shows both. Labels are random, and on them
  rounding errors grow from epoch to epoch, in `mlp` fastest: in double precision PyTorch and JAX agree there to 12
  digits. One real difference is known: of an embedding's gradient, Keras's Adam squares each occurrence of a token
  before adding them up, PyTorch and JAX their sum. It moves the recurrent models' losses by 1e-4 in the first epoch.
"""
LAST = """
Nobody's threads are set: each takes what it finds. PyTorch is the package index's wheel, which is built with CUDA; it
runs here without it (`setup/without_cuda.py`). In its Adam and in JAX's, epsilon stands where Keras has it, so
that all train alike.
"""


def page(record):
    """Return the page of a record."""
    settings = record["settings"]
    tables = {work: stats.rows(record, work) for work in settings["works"]}
    parts = [HEAD, facts(record), conclusion(tables)]
    parts += [f"## {title(work)}\n\n{table(lines)}" for work, lines in tables.items()]
    parts += [method(record, tables), contestants(settings["contenders"])]
    return "\n".join(parts)


def title(work):
    """Return a work's name for people: "cnn", "cnn, batch 32"."""
    name, _, batch = work.partition("-")
    return f"{name}, batch {batch}" if batch else name


def facts(record):
    """Return date, machine, versions and command, and what disturbed the measurement."""
    results, machine = record["results"], record["machine"]
    versions = {"Python": machine["python"]}
    for result in results:
        versions |= result.get("versions", {})
    wall = sum(r["wall_s"] for r in results)
    others, steal = (sum(r[key] for r in results) / (wall * machine["cores"] or 1) for key in ("others_s", "steal_s"))
    incomplete = f" (of {record['planned']}: incomplete)" if len(results) < record["planned"] else ""
    doubt = ". **That is too much to trust these numbers.**" if others + steal > DISTURBED else ""
    return f"""\
- date: {record["started"][:10]}; {len(results)} processes{incomplete} in {wall / 60:.0f} minutes
- machine: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gib"]:.0f} GiB, Linux {machine["kernel"]}
- versions: {", ".join(f"{name} {versions[name]}" for name in sorted(versions, key=str.lower))}
- command: `{record["command"]}`
- disturbance: others took {others:.1%} of the processors' time meanwhile, the hypervisor {steal:.1%}{doubt}
"""


def conclusion(tables):
    """Return where epochtime loses, wins and where it cannot be told, against the other ways to train."""
    lines = ["## Where epochtime loses", ""]
    for attribute, what in (
        ("ratio", "`epochtime` as it is by default"),
        ("best_ratio", "the fastest of epochtime's variants"),
    ):
        lines += [f"Against {what}:", ""]
        for work, rows in tables.items():
            peers = [(row, getattr(row, attribute)) for row in rows if not row.name.startswith("epochtime")]
            lines.append(f"- **{title(work)}**: {sides([(row, ratio) for row, ratio in peers if ratio])}")
        lines.append("")
    lines.append(
        "The fastest variant is known only after measuring them all, so its ratios flatter epochtime a little.\n"
    )
    return "\n".join(lines)


def sides(pairs):
    """Return one line: who is faster, who is slower, who cannot be told."""
    groups = {"slower than": [], "not to be told from": [], "faster than": []}
    for row, ratio in pairs:
        if ratio.confidence >= SURE and ratio.high < 1:
            group = "slower than"
        elif ratio.confidence >= SURE and ratio.low > 1:
            group = "faster than"
        else:
            group = "not to be told from"
        groups[group].append(f"{contenders.BY_NAME[row.name].title} ({ratio.median:.2f})")
    return "; ".join(f"{word} {', '.join(names)}" for word, names in groups.items() if names) or "nothing to compare"


def table(rows):
    """Return a work's table, the fastest first."""
    lines = [
        "| | epoch time | interval | × epochtime | interval | start | loss, first → last |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(rows, key=lambda row: row.time.median if row.time else float("inf")):
        name = contenders.BY_NAME[row.name].title
        if row.name == "epochtime":
            name = f"**{name}**"
        if row.time is None:
            lines.append(f"| {name} | failed: {plain(row.reason)} | | | | | |")
            continue
        times = f"{duration(row.time.median)} | {span(row.time, duration)}"
        own = "1 |" if row.name == "epochtime" else "|"
        ratios = f"{row.ratio.median:.2f} | {span(row.ratio, '{:.2f}'.format)}" if row.ratio else own
        first, last = row.losses
        lines.append(f"| {name} | {times} | {ratios} | {row.start:.1f} s | {first:.4f} → {last:.4f} |")
    return "\n".join(lines) + "\n"


def plain(text):
    """Return text that breaks no table."""
    return text.replace("|", "/").replace("\n", " ")


def span(estimate, form):
    """Return an interval, or a dash."""
    return f"{form(estimate.low)} – {form(estimate.high)}" if estimate.low is not None else "–"


def duration(seconds):
    """Return seconds with three digits in a fitting unit."""
    factor, unit = next((pair for pair in SECONDS if seconds >= pair[0]), SECONDS[-1])
    value = seconds / factor
    return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {unit}"


def method(record, tables):
    """Return how it was measured."""
    estimates = [row.time for rows in tables.values() for row in rows if row.time and row.time.low is not None]
    coverage = f"; their confidence is {min(e.confidence for e in estimates):.1%}" if estimates else ""
    if estimates and estimates[0].confidence < 0.95:
        coverage += ", from the smallest to the largest value"
    return METHOD.format(
        rounds=record["settings"]["rounds"],
        seed=record["settings"]["seed"],
        warmup=WARMUP,
        coverage=coverage,
        first=stats.FIRST,
        last=stats.LAST,
    )


def contestants(names):
    """Return what each contender does."""
    lines = ["## What each does", ""]
    lines += [f"- **{c.title}** (`{c.name}`): {c.what}" for c in contenders.ALL if c.name in names]
    return "\n".join(lines) + "\n" + LAST
