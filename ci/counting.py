# SPDX-License-Identifier: BSD-2-Clause
"""Runs the benchmark program of a build tree under the counting plugin and reads what was counted.

The names of the measurements come from the console, in the order in which the program makes them; the counts
from the plugin, numbered in the same order. What an instruction means as an event is said by hal/<target>/target.ini.
"""
import bisect
import json
import os
import re
import subprocess

import machine

ROOT = machine.ROOT
PLUGIN = os.path.join(ROOT, "build", "count.so")
PLUGIN_SOURCE = os.path.join(ROOT, "ci", "count", "count.c")
PLUGIN_FLAGS = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]
# User programs are linked there; everything else that is no kernel is firmware or the way to the kernel.
CLASSES = ["class=user:0x10000-0x1fffffff", "class=kernel:0x8000000000000000-0xffffffffffffffff"]
# One emulated processor at a time; time is the count of instructions; nothing comes from the host.
REPEATABLE = ["-accel", "tcg,thread=single", "-icount", "shift=0", "-rtc", "base=2024-01-01,clock=vm", "-seed", "1"]
PLAIN = ["-accel", "tcg,thread=single"]
MEMORY = ["-m", "4G"]
SILENCE, TOTAL = 600, 3600  # seconds
MEASURE = re.compile(r"bench: measure (\S+) (\d+)$")
SIZE = re.compile(r"bench: size (\S+) (\d+)$")


def build_plugin():
    """Compiles the plugin with the machine's own compiler if its source is newer."""
    sources = [PLUGIN_SOURCE, os.path.join(os.path.dirname(PLUGIN_SOURCE), "qemu_plugin.h")]
    if os.path.exists(PLUGIN) and all(os.path.getmtime(PLUGIN) >= os.path.getmtime(source) for source in sources):
        return
    os.makedirs(os.path.dirname(PLUGIN), exist_ok=True)
    scratch = f"{PLUGIN}.{os.getpid()}"
    if subprocess.run(["gcc", *PLUGIN_FLAGS, "-o", scratch, PLUGIN_SOURCE], check=False).returncode != 0:
        raise machine.Failure("the counting plugin does not compile")
    os.replace(scratch, PLUGIN)


def mark_address():
    """The address of the markers, from the one place where it is written."""
    with open(os.path.join(ROOT, "userland", "bench", "bench.h"), encoding="utf-8") as file:
        return re.search(r"#define BENCH_MARK (0x[0-9a-f]+)", file.read())[1]


class Counts:
    """One run: records by name of the measurement, sizes that the program told, and the plugin's totals."""

    def __init__(self, console, records):
        self.sizes = {}
        self.trips = {}
        self.records = {}
        self.last = {}
        names = [None]
        for line in console:
            size, measure = SIZE.search(line), MEASURE.search(line)
            if size:
                self.sizes[size[1]] = int(size[2])
            if measure:
                names.append((measure[1], int(measure[2])))
        for record in records:
            if "complete" in record:
                self.last = record
                continue
            key = names[record["measurement"]]
            self.trips[key] = key[1]
            self.records.setdefault(key, []).append(record)

    def single(self):
        """{name: the last record of single trips}: the first ones warmed up."""
        return {name: records[-1] for (name, trips), records in self.records.items() if trips == 1}

    def many(self):
        """{name: (trips, record)} of regions with many trips."""
        return {name: (trips, records[-1]) for (name, trips), records in self.records.items() if trips > 1}


def run(here, kernel, label, options=(), qemu=(), repeatable=True):
    """Runs the benchmark program of `here` on a kernel; options: of the plugin; qemu: further arguments. Returns Counts."""
    scratch = os.path.join(here.tree, "ci", f"count-{label}")
    os.makedirs(os.path.dirname(scratch), exist_ok=True)
    plugin = [PLUGIN, f"out={scratch}.json", f"mark={mark_address()}", *CLASSES,
              *("event=" + ":".join(event) for event in here.data["events"]), *options]
    extra = [*MEMORY, *(REPEATABLE if repeatable else PLAIN), *qemu, "-plugin", ",".join(plugin)]
    done = machine.Run(here.command(kernel, here.data["bench"], extra), log=scratch + ".log").wait(SILENCE, TOTAL)
    with open(scratch + ".json", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    counts = Counts(done.lines, records)
    if done.hang or not counts.last.get("complete"):
        raise machine.Failure(f"{label}: {done.hang or 'the benchmark program did not come to its end'}; "
                              f"the last lines of {scratch}.log:\n{done.tail()}")
    return counts


class Symbols:
    """The functions of a program, by address."""

    def __init__(self, program):
        listed = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
        found = set()
        for line in listed.splitlines():
            parts = line.split()
            if len(parts) == 3 and parts[1] in "tTwW" and parts[2][0] not in ".$":
                found.add((int(parts[0], 16), parts[2]))
        self._names = dict(sorted(found, reverse=True))
        self._starts = sorted(self._names)

    def name(self, address):
        """The function that the address lies in."""
        at = bisect.bisect_right(self._starts, address) - 1
        return self._names[self._starts[at]] if at >= 0 else "?"


def functions(record, kernel, program):
    """[(instructions, function)] of a record with addresses, the most first; user functions end in "()"."""
    symbols = {True: Symbols(kernel), False: Symbols(program)}
    count = {}
    for address, times in record["addresses"].items():
        inside = int(address, 16) >= 1 << 63
        name = symbols[inside].name(int(address, 16)) if inside else "(user level)"
        count[name] = count.get(name, 0) + times
    return sorted(((times, name) for name, times in count.items()), key=lambda entry: (-entry[0], entry[1]))
