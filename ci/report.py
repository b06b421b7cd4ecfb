#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes docs/measurements/tables.md from docs/measurements/*.json: the figures as tables for people.

  ci/report.py
"""
import os
import sys

import counting
import figures
import machine

OUT = os.path.join(figures.MEASUREMENTS, "tables.md")
SHOWN = 16  # functions of a breakdown


def table(head, rows):
    """A Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |"
    yield ""


def names_of(targets, section):
    """The names in a section of all targets, in the order of the first one that has each."""
    names = {}
    for found in targets.values():
        names.update(dict.fromkeys(found.get(section, ())))
    return names


def overview(targets, peers):
    """Operation x target: kernel + user, with the ratio to the best peer."""
    yield "## Instructions of kernel and user level together (in brackets: ratio to the best peer)"
    yield ""
    rows = []
    for name in [*names_of(targets, "operations"), *(name for name in names_of(targets, "later") if not name.startswith("with-"))]:
        row = [name]
        for target, found in targets.items():
            figure, peer = {**found["later"], **found["operations"]}.get(name), figures.best_peer(peers, target, name)
            row.append(figure and str(figures.total(figure)) + (f" ({figures.total(figure) / peer[0]:.2f})" if peer else ""))
        rows.append(row)
    yield from table(["operation", *targets], rows)


def goals(targets, peers):
    """Goals, met and missed."""
    yield "## Goals"
    yield ""
    rows = [(name, target, measured, wanted, "met" if measured <= wanted else "missed", peer)
            for name, target, measured, wanted, peer in figures.goals(peers, {"targets": targets})]
    yield from table(["operation", "target", "measured", "goal", "", "best peer"], rows)


def details(target, found, wall):
    """Everything that was counted of single trips on one target."""
    yield f"## {target}: single trips"
    yield ""
    rows = [(name, f["user"], f["kernel"], f"{f['code_lines']}/{f['data_lines']}", f"{f['loads']}/{f['stores']}", f["root_writes"],
             f["tlb_flushes"], f["atomics"], f["crossings"], wall.get(name)) for name, f in found["operations"].items()]
    yield from table(["operation", "user", "kernel", "lines i/d", "loads/stores", "root writes", "TLB flushes", "atomics", "crossings",
                      "ns under TCG"], rows)


def floor(targets, peers):
    """What each goal has room for: user level and the assembly of the traps are there whatever the kernel's C does."""
    yield "## The floor: what the operations with a goal are made of"
    yield ""
    yield "`traps`: the HAL's assembly, in and out. `C`: all the rest of the kernel. `room`: what the goal leaves for it."
    yield ""
    rows = []
    for name, target, measured, wanted, _ in figures.goals(peers, {"targets": targets}):
        parts = targets[target]["functions"].get(name)
        if parts and name in targets[target]["operations"]:
            user, traps = parts.get(counting.USER, 0), parts.get(counting.ASSEMBLY, 0)
            rows.append((name, target, measured, user, traps, measured - user - traps, wanted, wanted - user - traps))
    yield from table(["operation", "target", "all", "user level", "traps", "C", "goal", "room"], sorted(rows, key=lambda row: row[0]))


def breakdown(targets, name):
    """Instructions per kernel function of one operation."""
    yield f"### {name}"
    yield ""
    columns = {target: sorted(found["functions"].get(name, {}).items(), key=lambda entry: (-entry[1], entry[0]))
               for target, found in targets.items()}
    rows = []
    for index in range(min(SHOWN, max(len(column) for column in columns.values()))):
        row = [index + 1]
        for column in columns.values():
            row.append(f"{column[index][1]} {column[index][0]}" if index < len(column) else "")
        rows.append(row)
    yield from table(["", *targets], rows)


def growth(targets):
    """Rows: operation and what there is more of; columns: how many."""
    yield "## With more and more of something in the system"
    yield ""
    rows, counts = {}, []
    for target, found in targets.items():
        for name, figure in found["later"].items():
            if not name.startswith("with-"):
                continue
            load, operation = name[5:].split(":")
            count, what = load.split("-", 1)
            counts += [count] if count not in counts else []
            rows.setdefault((target, operation, what), {})[count] = figures.total(figure)
    yield from table(["target, operation, what there is", *counts],
                     [[", ".join(key), *(row.get(count) for count in counts)] for key, row in rows.items()])


def plain(title, targets, section, value):
    """A section with one number each."""
    yield f"## {title}"
    yield ""
    rows = [[name, *(value(found[section][name]) if name in found[section] else None for found in targets.values())]
            for name in names_of(targets, section)]
    yield from table(["", *targets], rows)


def many(figure):
    """Average of many trips, and its bounds where they differ."""
    average = f"{figures.total(figure):.1f}"
    least, most = figure.get("least"), figure.get("most")
    return average if least == most else f"{average} ({least}-{most})"


def cores(figure):
    """A trip between cores: the median, and of 10,000 median and average."""
    single = figures.total(figure) + figure.get("firmware", 0)
    return f"{single}, {figure['median']}, {figure['average']}" if "median" in figure else str(single)


def text(targets):
    """Who the kernel's instructions are; strings and constants beside them."""
    def row(name, part):
        return [name, *(f"{size / 1000:.1f}" if size is not None else None for size in map(part, targets.values()))]

    yield "## Kernel text by part, kB"
    yield ""
    yield ("By the source of each function, with what was inlined into it. `kernel/meson.build` says what is built for speed; `other` is what the linker "
           "adds.")
    yield ""
    rows = [row(name, lambda found, name=name: found.get("text", {}).get(name)) for name in names_of(targets, "text")]
    rows.append(row("text, the goal's figure", lambda found: found["image"]["text"]))
    rows.append(row("strings and constants, not in it", lambda found: found["image"]["constants"]))
    yield from table(["part", *targets], rows)


def all_lines(targets, peers, wall):
    """The whole file."""
    yield "# Tables"
    yield ""
    yield "Written by `ci/bench`; what it means is said in [measurements.md](../measurements.md)."
    yield ""
    yield from overview(targets, peers)
    yield from goals(targets, peers)
    yield from floor(targets, peers)
    yield "## Where it goes: instructions per function"
    yield ""
    for name in names_of(targets, "functions"):
        yield from breakdown(targets, name)
    yield from growth(targets)
    yield from plain("Cores: what all of them execute for one trip: median of single ones, median of 10,000, average of 10,000; pairs-N: a "
                     "pair on each of N cores, average", targets, "cores", cores)
    yield from plain("Averages of 10,000 trips (and, where trips are counted one by one, the least and the most)", targets, "many", many)
    yield from plain("Bytes of memory", targets, "sizes", str)
    yield from text(targets)
    yield from plain("The kernel's image, bytes", targets, "image", str)
    yield from plain("Boot to the root component: the kernel's instructions, and bytes that are not free then", targets, "boot", str)
    for target, found in targets.items():
        yield from details(target, found, wall.get(target, {}))


def main():
    """Reads and writes."""
    targets = dict(sorted(figures.load(figures.FIGURES)["targets"].items()))
    wall = figures.load(figures.WALL_CLOCK)["targets"]
    with open(OUT, "w", encoding="utf-8") as file:
        for line in all_lines(targets, figures.load(figures.PEERS), wall):
            print(line, file=file)


if __name__ == "__main__":
    try:
        main()
    except machine.Failure as failure:
        sys.exit(f"ci/report.py: {failure}")
