# SPDX-License-Identifier: BSD-2-Clause
"""From counts to figures: what one operation costs, beside the peers and the goals, and what got better or worse.

Figures are a dictionary that is written as JSON, in the order of measuring: the same counts give the same bytes:
  targets / <target> / operations   single trips: exact, the same in every run
                     / later        single trips of the full run only: many derivations, much of something in the system
                     / many         averages of many trips; where each was counted for itself, the least and the most, too
                     / cores        medians of trips between cores and their averages, averages of pairs on several cores
                     / functions    instructions per kernel function of some operations
                     / sizes, image, text, boot
"""
import json
import os
import statistics

import machine

MEASUREMENTS = os.path.join(machine.ROOT, "docs", "measurements")
FIGURES = os.path.join(MEASUREMENTS, "figures.json")
WALL_CLOCK = os.path.join(MEASUREMENTS, "wall-clock.json")
PEERS = os.path.join(MEASUREMENTS, "peers.json")
TOLERANCE = 0.02
EVENTS = ("root_writes", "tlb_flushes", "atomics")
BROKEN_DOWN = ("trap-empty", "call-refused", "call-0", "call-0-same", "call-8", "call-64", "ping-pong", "fault-unmapped", "fault-mapped")


def load(path):
    """A JSON file."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise machine.Failure(f"{path}: {error}") from error


def save(path, data):
    """Writes a JSON file whose bytes depend on the data alone."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


def operation(record):
    """The figures of one trip. Lines, loads and stores are the kernel's; lines_all are with user level's."""
    figures = {"user": record["instructions"]["user"], "kernel": record["instructions"]["kernel"]}
    if record["instructions"]["other"]:
        figures["firmware"] = record["instructions"]["other"]
    figures.update(code_lines=record["code_lines"]["kernel"], data_lines=record["data_lines"]["kernel"],
                   code_lines_all=record["code_lines_all"], data_lines_all=record["data_lines_all"],
                   loads=record["loads"]["kernel"], stores=record["stores"]["kernel"],
                   crossings=sum(record["changes"].values()))
    figures.update({event: record["events"].get(event, 0) for event in EVENTS})
    return figures


def total(figures):
    """Instructions of user level, kernel and, between cores, firmware."""
    return figures["user"] + figures["kernel"]


def average(trips, record):
    """The figures of many trips, per trip; the least and the most are with firmware."""
    costs = sorted(int(cost) for cost in record.get("costs", ()))
    return {"trips": trips, **{who: round(record["instructions"][who] / trips, 2) for who in ("user", "kernel")},
            **({"least": costs[0], "most": costs[-1]} if costs else {})}


def median_cost(costs):
    """Of {instructions: number of trips}."""
    half = sum(costs.values()) / 2
    for cost, trips in sorted((int(cost), trips) for cost, trips in costs.items()):
        half -= trips
        if half <= 0:
            return cost
    return None


def median(records):
    """The figures of the trip whose cost is the median: cores run at the host's pace, so that now and then one is disturbed."""
    costs = sorted(records[len(records) // 2:], key=lambda record: sum(record["instructions"].values()))
    return operation(costs[(len(costs) - 1) // 2])


def of_cores(counts):
    """The section `cores`: pairs are rounded, since start and end are in them too."""
    found = {name: median(records) for name, records in counts.single().items()}
    for name, (trips, record) in counts.many().items():
        if "costs" in record:
            found[name].update(trips=trips, median=median_cost(record["costs"]), average=round(sum(record["instructions"].values()) / trips))
        else:
            found[name] = {who: round(record["instructions"][who] / trips) for who in ("user", "kernel")}
    return found


# ---- peers and goals ----

def best_peer(peers, target, name):
    """(instructions, who) of the cheapest peer for an operation on a target, or None."""
    best = peers["best"]["operations"].get(name, {}).get(target)
    if best:
        return best, "best"
    found = [(kernel["operations"][name][target] + kernel["user"], who) for who, kernel in peers["kernels"].items()
             if target in kernel["operations"].get(name, {})]
    return min(found) if found else None


def goal(peers, target, row):
    """The goal of a row {target: number}; a target that is not named has a multiple of the largest one."""
    if not row:
        return None
    return row[target] if target in row else round(peers["goals"]["other"] * max(row.values()))


def goals(peers, figures):
    """Yields (what, target, measured, goal, best peer or None) for every goal and target that was measured."""
    for target, found in figures["targets"].items():
        for name, row in peers["goals"]["operations"].items():
            if name in found["operations"]:
                peer = best_peer(peers, target, name)
                yield name, target, total(found["operations"][name]), goal(peers, target, row), peer and peer[0]
        for name, (code, data) in peers["goals"]["lines"].items():
            if name in found["operations"]:
                peer = peers["best"]["lines"].get(name, {}).get(target, (None, None))
                yield name + " code lines", target, found["operations"][name]["code_lines"], code, peer[0]
                yield name + " data lines", target, found["operations"][name]["data_lines"], data, peer[1]
        if "image" in found:
            row = peers["goals"]["text_kb"]
            yield ("kernel text, kB", target, round(found["image"]["text"] / 1000), goal(peers, target, row),
                   peers["best"]["text_kb"].get(target))


# ---- text ----

def lines_of(peers, target, found, wall):
    """The table of one target, as lines of text."""
    yield (f"{target + ': operation':24} {'user':>5} {'kernel':>7} {'total':>7} {'peer':>6} {'ratio':>6} {'goal':>5}  {'lines i/d':>9} "
           f"{'loads':>6} {'stores':>6} {'root':>4} {'flush':>5} {'atom':>4} {'cross':>5}" + ("  ns (TCG)" if wall else ""))
    for name, figures in found["operations"].items():
        peer, wanted = best_peer(peers, target, name), goal(peers, target, peers["goals"]["operations"].get(name))
        verdict = "" if wanted is None else "  met" if total(figures) <= wanted else "  missed"
        compared = f"{peer[0]:6} {total(figures) / peer[0]:6.2f}" if peer else f"{'':6} {'':6}"
        lines = f"{figures['code_lines']}/{figures['data_lines']}"
        yield (f"{name:24} {figures['user']:5} {figures['kernel']:7} {total(figures):7} {compared} {wanted or '':>5}  {lines:>9} "
               f"{figures['loads']:6} {figures['stores']:6} {figures['root_writes']:4} {figures['tlb_flushes']:5} {figures['atomics']:4} "
               f"{figures['crossings']:5}" + (f"  {wall[name]:8}" if name in wall else "") + verdict)


def goal_lines(peers, figures):
    """The goals, one line each."""
    for name, target, measured, wanted, peer in goals(peers, figures):
        yield (f"goal  {target:8} {name:20} {measured:6}  goal {wanted:5}  {'met   ' if measured <= wanted else 'missed'}"
               + (f"  best peer {peer:5}, ratio {measured / peer:.2f}" if peer else ""))


# ---- comparison ----

def compare(old, new):
    """([better], [worse]) as lines of text, of the single trips of the targets that `new` has."""
    better, worse = [], []
    for target, found in sorted(new["targets"].items()):
        before = old["targets"].get(target, {}).get("operations", {})
        for name, figures in sorted(found["operations"].items()):
            if name not in before:
                continue
            was, now = total(before[name]), total(figures)
            text = f"{target:8} {name:24} {was:8} -> {now:8}  {100 * (now - was) / was:+.1f} %"
            if now > was * (1 + TOLERANCE):
                worse.append(text)
            elif now < was * (1 - TOLERANCE):
                better.append(text)
        worse += [f"{target:8} {name:24} is not measured any more" for name in sorted(before) if name not in found["operations"]]
    return better, worse


def differences(first, second):
    """What differs between two runs of the same, as lines of text."""
    return [f"{name}: {first.get(name)} and {second.get(name)}" for name in sorted({*first, *second}) if first.get(name) != second.get(name)]


def middle(values):
    """The median of numbers, as a whole number."""
    return round(statistics.median(values))
