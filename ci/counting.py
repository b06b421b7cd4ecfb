# SPDX-License-Identifier: BSD-2-Clause
"""Runs the benchmark program of a build tree under the counting plugin and reads what was counted.

The names of the measurements come from the console, in the order in which the program makes them; the counts
from the plugin, numbered in the same order. What an instruction means as an event is said by hal/<target>/target.ini.
"""
import json
import os
import re
import struct
import subprocess

import machine

ROOT = machine.ROOT
PLUGIN = os.path.join(ROOT, "build", "count.so")
PLUGIN_SOURCE = os.path.join(ROOT, "ci", "count", "count.c")
PLUGIN_FLAGS = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]
# User programs are linked there; everything else that is no kernel is firmware or the way to the kernel.
CLASSES = ["class=user:0x10000-0x1fffffff", "class=kernel:0x8000000000000000-0xffffffffffffffff"]
# One emulated processor at a time; time is the count of instructions, also while nothing runs; nothing comes from the host.
REPEATABLE = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-rtc", "base=2024-01-01,clock=vm", "-seed", "1"]
PLAIN = ["-accel", "tcg,thread=single"]
MEMORY = ["-m", "4G"]
SILENCE, TOTAL = 600, 3600  # seconds
MEASURE = re.compile(r"bench: measure (\S+) (\d+)$")
SIZE = re.compile(r"bench: size (\S+) (\d+)$")
FREE = re.compile(r"(\d+) KiB of memory free")
SHF_WRITE, SHF_ALLOC, SHF_EXECUTE, SHT_NOBITS = 1, 2, 4, 8
PASS_MANY = "bench: pass many"
USER, ASSEMBLY = "(user level)", "(assembly)"
# What nm says of functions: the address and the source.
SYMBOL = re.compile(r"^(\w+) [tTwW] [^.$]\S*(?:\t(\S+):\d+)?$", re.M)
# A kernel's source, from the directory that says of what part it is; parts; where the objects of hot sources lie (kernel/meson.build).
SOURCE = re.compile(r"(?:^|/)((kernel|lib|check|hal|libfdt)/.*)")
PARTS = ("core, built for speed", "core, built for size", "HAL, C", "HAL, assembly", "libfdt", "other")
HOT = "/libhot.a.p/"


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
    """One run: records by name of the measurement, what the program told, and the plugin's totals."""

    def __init__(self, console, records):
        self.sizes, self.free, self.last = {}, None, {}
        self._measurements = []  # (name, trips, in the second pass?, records)
        second = False
        for line in console:
            size, measure, free = SIZE.search(line), MEASURE.search(line), FREE.search(line)
            second = second or PASS_MANY in line
            if size:
                self.sizes[size[1]] = int(size[2])
            elif measure:
                self._measurements.append((measure[1], int(measure[2]), second, []))
            elif free:
                self.free = int(free[1]) << 10
        for record in records:
            if "complete" in record:
                self.last = record
            else:
                self._measurements[record["measurement"] - 1][3].append(record)

    def single(self):
        """{name: the records of single trips} of the first pass; the first trips warmed up."""
        return {name: records for name, trips, second, records in self._measurements if trips == 1 and not second}

    def later(self):
        """{name: the records of single trips} of the second pass."""
        return {name: records for name, trips, second, records in self._measurements if trips == 1 and second}

    def many(self):
        """{name: (trips, record)} of regions with many trips, and of many regions that were added up."""
        return {name: (records[-1].get("regions", trips), records[-1]) for name, trips, _, records in self._measurements if trips > 1}


def run(here, kernel, label, options=(), qemu=(), repeatable=True):
    """Runs the benchmark program of `here` on a kernel; options: of the plugin; qemu: further arguments. Returns Counts."""
    scratch = os.path.join(here.tree, "ci", f"count-{label}")
    os.makedirs(os.path.dirname(scratch), exist_ok=True)
    plugin = [PLUGIN, f"out={scratch}.json", f"mark={mark_address()}", *CLASSES,
              *("event=" + ":".join(event) for event in here.data["events"]), *options]
    extra = [*MEMORY, *(REPEATABLE if repeatable else PLAIN), *qemu, "-plugin", ",".join(plugin)]
    done = machine.Run(here.command(kernel, here.data["bench"], extra), log=scratch + ".log", silent_end=here.silent_end).wait(SILENCE, TOTAL)
    with open(scratch + ".json", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    counts = Counts(done.lines, records)
    if done.hang or not counts.last.get("complete"):
        raise machine.Failure(f"{label}: {done.hang or 'the benchmark program did not come to its end'}; "
                              f"the last lines of {scratch}.log:\n{done.tail()}")
    return counts


def sections(program):
    """Yields (type, flags, address, size) of an ELF file's sections."""
    with open(program, "rb") as file:
        data = file.read()
    order = ">" if data[5] == 2 else "<"
    offset, entry, count = (struct.unpack_from(order + form, data, at)[0] for at, form in ((40, "Q"), (58, "H"), (60, "H")))
    for number in range(count):
        yield tuple(struct.unpack_from(order + form, data, offset + number * entry + at)[0]
                    for at, form in ((4, "I"), (8, "Q"), (16, "Q"), (32, "Q")))


def image_sizes(program):
    """Bytes of an ELF file's sections that are loaded: instructions, constants, data, zeros."""
    sizes = {"text": 0, "constants": 0, "data": 0, "zeros": 0}
    for kind, flags, _, size in sections(program):
        if flags & SHF_ALLOC:
            part = "text" if flags & SHF_EXECUTE else "zeros" if kind == SHT_NOBITS else "data" if flags & SHF_WRITE else "constants"
            sizes[part] += size
    return sizes


def part_of(source, hot):
    """The part of the kernel that a source file is (or None) of."""
    match = SOURCE.search(source or "")
    if not match:
        return "other"
    if match[2] == "hal":
        return "HAL, assembly" if source.endswith(".S") else "HAL, C"
    return "libfdt" if match[2] == "libfdt" else "core, built for speed" if match[1] in hot else "core, built for size"


def text_parts(tree, program):
    """Bytes of instructions of the kernel that was built in a tree, by part: by the files of its functions, each with what lies before the next one."""
    with open(os.path.join(tree, "compile_commands.json"), encoding="utf-8") as file:
        hot = {SOURCE.search(unit["file"])[1] for unit in json.load(file) if HOT in unit["output"]}
    listed = subprocess.run(["nm", "--line-numbers", program], capture_output=True, text=True, check=True).stdout
    symbols = {int(address, 16): source for address, source in SYMBOL.findall(listed)}
    parts = dict.fromkeys(PARTS, 0)
    for _, flags, start, size in sections(program):
        if flags & SHF_ALLOC and flags & SHF_EXECUTE:
            inside = sorted({start, start + size, *(address for address in symbols if start <= address < start + size)})
            for address, end in zip(inside, inside[1:]):
                parts[part_of(symbols.get(address), hot)] += end - address
    return parts


def places(program, addresses):
    """{address: function}: the innermost one of a C file, also where it was inlined into another; ASSEMBLY for that."""
    command = ["addr2line", "--exe", program, "--functions", "--inlines", "--addresses"]
    found = subprocess.run(command, input="\n".join(addresses), capture_output=True, text=True, check=True).stdout.splitlines()
    names, address = {}, None
    for at, line in enumerate(found):
        if line.startswith("0x"):
            address = int(line, 16)
        elif ":" in line and address not in names:
            file = line.rpartition(":")[0]
            if file.endswith(".S"):
                names[address] = ASSEMBLY
            elif file.endswith(".c"):
                names[address] = found[at - 1].split(".")[0]
    return names


def functions(record, kernel):
    """[(instructions, function)] of a record with addresses, the most first; user level is one entry, and so is assembly."""
    count = {}
    names = places(kernel, [address for address in record["addresses"] if int(address, 16) >= 1 << 63])
    for address, times in record["addresses"].items():
        name = names.get(int(address, 16), "?") if int(address, 16) >= 1 << 63 else USER
        count[name] = count.get(name, 0) + times
    return sorted(((times, name) for name, times in count.items() if times), key=lambda entry: (-entry[0], entry[1]))