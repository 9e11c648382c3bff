"""Runs the contenders interleaved: in each round models in random order, within each all contenders likewise."""

import json
import os
import random
import resource
import signal
import subprocess
import time

from pygen.peers import contenders
from pygen.peers.contenders import ROOT


def order(works, names, rounds, seed):
    """Return every measurement as (round, work, contender name), in the order in which they are made.

    `works` maps a work's name to its work.json. A model's contenders follow each other closely, so that the ratios of
    one round are of one state of the machine.
    """
    shuffle = random.Random(seed).shuffle
    planned = []
    for number in range(rounds):
        line = list(works)
        shuffle(line)
        for work in line:
            able = [name for name in names if contenders.BY_NAME[name].takes(works[work]["model"])]
            shuffle(able)
            planned += [(number, work, name) for name in able]
    return planned


def run(record, works, scratch, path, options):
    """Make every measurement that the record lacks; the record is saved after each."""
    done = {(r["round"], r["work"], r["contender"]) for r in record["results"]}
    settings = record["settings"]
    planned = order(works, settings["contenders"], settings["rounds"], settings["seed"])
    began = time.monotonic()
    for count, (number, work, name) in enumerate(planned, 1):
        if (number, work, name) in done:
            continue
        command = contenders.BY_NAME[name].command(scratch / work, works[work])
        if options.allow_concurrent and name.startswith("epochtime"):
            command.append("--allow-concurrent")
        result = measure(name, command, scratch, options.timeout)
        record["results"].append({"round": number, "work": work, "contender": name, **result})
        save(record, path)
        options.say(f"{count}/{len(planned)} {time.monotonic() - began:.0f} s: {work} {name} {summary(result)}")


def summary(result):
    """Return one measurement in a few words."""
    if result["status"] != "ok":
        return f"failed: {result['reason']}"
    middle = sorted(result["seconds"])[len(result["seconds"]) // 2]
    return f"{1e3 * middle:.3g} ms, loss {result['losses'][0]:.5f} … {result['losses'][-1]:.5f}"


def measure(name, command, scratch, timeout):
    """Run one contender in a process of its own. Returns its result, whatever happens, and what disturbed it."""
    busy, own, began, clock = machine_times(), child_time(), time.time(), time.monotonic()
    environment = contenders.environment(scratch)
    code, output, errors = run_process(command, environment, timeout)
    result = {"status": "ok", "wall_s": time.monotonic() - clock}
    after = machine_times()
    result["steal_s"] = after["steal"] - busy["steal"]
    result["others_s"] = max(0.0, after["busy"] - busy["busy"] - (child_time() - own))
    if code == 0:
        try:
            return result | contenders.BY_NAME[name].read(output, began)
        except (ValueError, KeyError, IndexError) as error:
            errors = f"{error}: it printed {output[-200:]!r}"
    last = [line for line in errors.strip().splitlines() if line.strip()] or [f"exit code {code}"]
    return result | {"status": "failed", "reason": last[-1][:300]}


def run_process(command, environment, timeout):
    """Return (exit code, stdout, stderr). Nothing that the command started outlives a timeout or an interruption."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=timeout)
        return process.returncode, output, errors
    except subprocess.TimeoutExpired:
        end(process)
        return 1, "", f"it took longer than {timeout:g} s"
    except BaseException:
        end(process)
        raise


def end(process):
    """End a process with all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def child_time():
    """Return the processor seconds of all ended children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def machine_times():
    """Return the machine's processor seconds since boot: busy (by anyone here), and stolen by the hypervisor."""
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:]]
    user, nice, system, _, _, interrupts, soft, steal = ticks[:8]
    tick = os.sysconf("SC_CLK_TCK")
    return {"busy": (user + nice + system + interrupts + soft) / tick, "steal": steal / tick}


def save(record, path):
    """Write the record whole; an interruption leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(record, indent=1) + "\n")
    fresh.replace(path)
