#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots a kernel with bad boot archives and bad device trees (TAP).

  ci/boot-tests.py BUILD [--log FILE] [--only TEXT]

Each case must print a line that begins with "cobnut: " and says what is wrong, and stop the machine
with its status of failure, within seconds. Archives are passed with -initrd. A device tree is changed
in memory, through QEMU's gdb server, when the kernel is at its first instruction: so neither QEMU nor
the firmware looks at it before the kernel does. Where the firmware passes no flattened tree, only the
case without any information from the firmware remains of those.
"""
import argparse
import os
import random
import re
import struct
import sys
import tempfile

import elf
import fdt
import machine
import newc
import remote

SECONDS = 30  # from start to stop, firmware included
QUIET_SECONDS = 5  # without a byte: it waits
PREFIX = "cobnut: "
HUGE = 1 << 63


# ---- boot archives: name, what the kernel must say (regular expression), maker from the good archive ----

def first_file(change):
    """A maker of an archive whose first entry has the good one's name and other contents."""
    def make(good):
        first = newc.Entry(good, 0)
        return newc.make(first.name, change(first.data))
    return make


def first_program(change):
    """As first_file, for an ELF program: change gets an elf.Program."""
    def changed(data):
        program = elf.Program(data)
        change(program)
        return bytes(program.data)
    return first_file(changed)


def set_segments(field, value):
    """As first_program: one field of the first loaded segment."""
    return first_program(lambda program: program.set_segment(program.segments()[0], field, value))


def last_segment(field, value):
    """As set_segments, of the last loaded segment; value None: what the first one has."""
    def change(program):
        first, *_, last = program.segments()
        program.set_segment(last, field, program.segment(first, field) if value is None else value)
    return first_program(change)


def header(**fields):
    """A maker of an archive whose first header has other values."""
    return lambda good: newc.header("root", len(good), **fields) + newc.pad(good)


ARCHIVES = [
    ("no boot archive", "boot archive", None),
    ("empty", "boot archive", lambda good: b""),
    ("one byte", "boot archive: .* truncated", lambda good: good[:1]),
    ("truncated in the header", "boot archive: .* truncated", lambda good: good[:60]),
    ("truncated in the name", "boot archive: .* truncated", lambda good: good[:newc.HEADER + 2]),
    ("truncated at the first file", "boot archive: .* truncated", lambda good: good[:newc.Entry(good, 0).body]),
    ("truncated in the first file", "boot archive: .* truncated",
     lambda good: good[:newc.Entry(good, 0).body + newc.Entry(good, 0).size // 2]),
    ("garbage", "boot archive: no cpio header", lambda good: random.Random(1).randbytes(4096)),
    ("zeros", "boot archive: no cpio header", lambda good: bytes(4096)),
    ("another cpio format", "boot archive: no cpio header", lambda good: b"070707" + good[6:]),
    ("a size that is no number", "boot archive: .* hexadecimal", lambda good: good[:54] + b"0000zz00" + good[62:]),
    ("a size beyond the archive", "boot archive: .* truncated", header(filesize=0xffffffff)),
    ("a name beyond the archive", "boot archive: .* truncated", header(namesize=0xffffffff)),
    ("no name", "boot archive: a name", header(namesize=0)),
    ("no entry but the trailer", "boot archive: no such entry", lambda good: newc.header(newc.TRAILER, 0)),
    ("first entry is empty", "first program: shorter", first_file(lambda data: b"")),
    ("first entry is a text", "first program: no ELF", first_file(lambda data: b"a text of some length\n" * 10)),
    ("ELF header cut off", "first program: shorter", first_file(lambda data: data[:32])),
    ("ELF of 32 bits", "first program: not a 64-bit", first_program(lambda program: program.set("ei_class", 1))),
    ("ELF of the other byte order", "first program: .* other byte order",
     first_program(lambda program: program.set("ei_data", 3 - program.get("ei_data")))),
    ("ELF of another machine", "first program: .* another machine", first_program(lambda program: program.set("e_machine", 0x7fff))),
    ("ELF that is not executable", "first program: not a static", first_program(lambda program: program.set("e_type", 1))),
    ("no program headers", "first program: nothing to load", first_program(lambda program: program.set("e_phnum", 0))),
    ("program headers of another size", "first program: .* headers", first_program(lambda program: program.set("e_phentsize", 32))),
    ("program headers beyond the file", "first program: .* headers", first_program(lambda program: program.set("e_phoff", 1 << 30))),
    ("program headers at the end of numbers", "first program: .* headers",
     first_program(lambda program: program.set("e_phoff", (1 << 64) - 8))),
    ("segment longer than the file", "first program: .* segment", set_segments("p_filesz", 1 << 24)),
    ("segment beyond the file", "first program: .* segment", set_segments("p_offset", 1 << 24)),
    ("segment at the end of numbers", "first program: .* segment", set_segments("p_offset", (1 << 64) - 4096)),
    ("segment larger in the file than in memory", "first program: .* segment", set_segments("p_memsz", 1)),
    ("segment larger than memory", "memory|segment", last_segment("p_memsz", 1 << 34)),
    ("segment larger than user space", "first program: .* segment", last_segment("p_memsz", 1 << 62)),
    ("segment in the kernel's half", "first program: .* segment", set_segments("p_vaddr", HUGE)),
    ("segment that wraps around", "first program: .* segment", set_segments("p_vaddr", (1 << 64) - 4096)),
    ("segments over each other", "first program: two segments", last_segment("p_vaddr", None)),
    ("segment without access", "first program: .* segment", set_segments("p_flags", 0)),
    ("segment writable and executable", "first program: .* segment", set_segments("p_flags", 7)),
    ("entry in the kernel's half", "first program: .* entry", first_program(lambda program: program.set("e_entry", HUGE))),
    ("entry outside of the program", "first program: .* entry", first_program(lambda program: program.set("e_entry", 4))),
]


# ---- device trees: name, what the kernel must say, maker of changes [(offset, bytes)] from the good tree ----

def field(name, number):
    """One header field set."""
    return lambda tree: [(fdt.offset(name), struct.pack(">I", number))]


def token(at):
    """A token of the structure replaced by one that does not exist; at: bytes from its begin, or from its end if negative."""
    def change(tree):
        begin, size = fdt.value(tree, "off_dt_struct"), fdt.value(tree, "size_dt_struct")
        return [(begin + at % size, struct.pack(">I", 0x77))]
    return change


def chosen(name, number):
    """A number of /chosen set."""
    def change(tree):
        at, length = fdt.find(tree, "/chosen", name)
        return [(at, number.to_bytes(8, "big")[-length:])]
    return change


def without_memory(tree):
    """No node is memory."""
    changes = [(at, b"no\0") for _, name, at, length in fdt.properties(tree)
               if name == "device_type" and tree[at:at + length] == b"memory\0"]
    begin = fdt.value(tree, "off_dt_struct")
    at = tree.find(b"\0memory@", begin)
    while at >= 0:
        changes.append((at + 1, b"nothing"[:6]))
        at = tree.find(b"\0memory@", at + 1)
    return changes


TREES = [
    ("without its magic number", "device tree", field("magic", 0)),
    ("of an unknown version", "device tree.*(damaged|truncated)", field("last_comp_version", 99)),
    ("truncated in the header", "device tree.*(damaged|truncated)", field("totalsize", 16)),
    ("truncated in the structure", "device tree.*(damaged|truncated)", field("totalsize", 0x100)),
    ("larger than the limit", "device tree.*(larger|truncated)", field("totalsize", 0x400000)),
    ("larger than all memory", "device tree.*(larger|truncated)", field("totalsize", 0x7fffffff)),
    ("structure outside", "device tree.*(damaged|truncated)", field("off_dt_struct", 0x7ffffff0)),
    ("structure cut off", "device tree.*(damaged|truncated)", field("size_dt_struct", 64)),
    ("strings outside", "device tree.*(damaged|truncated)", field("off_dt_strings", 0x7ffffff0)),
    ("strings cut off", "device tree.*(damaged|truncated)", field("size_dt_strings", 1)),
    ("reservations outside", "device tree.*(damaged|truncated)", field("off_mem_rsvmap", 0x7ffffff8)),
    ("bad token at the begin", "device tree.*(damaged|truncated)", token(0)),
    ("bad token at the end", "device tree.*(damaged|truncated)", token(-4)),
    ("no memory", "no memory node", without_memory),
    ("boot archive beyond memory", "boot archive .* not in memory", chosen("linux,initrd-start", 0x7ffffffffffff000)),
    ("boot archive ends before it begins", "boot archive is empty", chosen("linux,initrd-end", 0x1000)),
]


class Case:
    """One boot. `prepare`, if any, is called with a Remote of the machine, stopped at the kernel's entry. `may_wait`: a
    machine that just waits after the message is good too, since without its firmware not every one can be ended."""

    def __init__(self, name, expected, archive, prepare=None, may_wait=False):
        self.name, self.expected, self.archive = name, expected, archive
        self.prepare, self.may_wait = prepare, may_wait


class Boots:
    """Runs cases on one machine and reports them as TAP."""

    def __init__(self, options):
        self.here = machine.Machine(options.build)
        # the path of a socket must be short
        self.work = tempfile.TemporaryDirectory(prefix="boot-", dir=None if len(tempfile.gettempdir()) < 60 else "/tmp")
        self.log = open(options.log, "w", encoding="utf-8") if options.log else None
        self.number = self.failed = 0
        with open(self.here.program, "rb") as file:
            program = elf.Program(file.read())
        self.byte_order = program.byte_order()  # of registers; the firmware may enter the kernel in the other one
        self.entries = program.entries()
        self.all_entries = self.entries  # and where QEMU says that it has put the file
        self.counter = 0  # number of the program counter
        self.has_tree = False

    def path(self, name):
        return os.path.join(self.work.name, name)

    def start(self, archive):
        """Starts the machine; returns the Run."""
        return machine.Run(self.here.command(self.here.kernel, archive), silent_end=self.here.silent_end)

    def start_stopped(self, archive, prepare):
        """Starts the machine, stops it at the kernel's first instruction, calls prepare and lets it go on; returns the Run."""
        socket = self.path(f"gdb-{self.number}")
        run = machine.Run(self.here.command(self.here.kernel, archive, ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]),
                          silent_end=self.here.silent_end)
        try:
            target = remote.Remote(socket, SECONDS)
            self.all_entries = (self.entries | loaded_at(target, self.here.kernel)) - {0}
            target.run_to(self.all_entries)
            prepare(target)
            target.close()
        except (OSError, LookupError, ValueError) as error:
            run.wait(0, 0)
            raise machine.Failure(f"cannot prepare the machine: {error}") from error
        return run

    def run(self, case):
        """Runs one case and prints its line."""
        self.number += 1
        lines = []
        try:
            run = self.start_stopped(case.archive, case.prepare) if case.prepare else self.start(case.archive)
            run.wait(QUIET_SECONDS if case.may_wait else SECONDS, SECONDS)
            lines = run.tail(100).splitlines()
            problems = self.judge(case, run)
        except machine.Failure as failure:
            problems = [str(failure)]
        self.failed += bool(problems)
        print(f"{'not ' if problems else ''}ok {self.number} - {case.name}", flush=True)
        for text in problems + (lines[-15:] if problems else []):
            print("# " + text, flush=True)
        if self.log:
            self.log.write(f"==== {case.name}\n" + "\n".join(lines) + "\n")
            self.log.flush()

    def judge(self, case, run):
        """What speaks against this case, as a list of texts."""
        said = [line[line.index(PREFIX):] for line in run.lines if PREFIX in line]
        problems = []
        if not any(re.search(case.expected, line) for line in said):
            problems.append(f'no line that begins with "{PREFIX}" has "{case.expected}"')
        if run.hang:
            if not case.may_wait:
                problems.append(run.hang)
        elif run.status in (0, self.here.success) or run.status < 0:
            problems.append(f"exit status {run.status} is not that of a failure")
        return problems

    def close(self):
        self.work.cleanup()
        if self.log:
            self.log.close()


def loaded_at(target, kernel):
    """Where QEMU has put the kernel's file, if it says so."""
    found = set()
    for line in target.monitor("info roms").splitlines():
        if f'name="{kernel}' in line and "addr=" in line:
            found.add(int(line.split("addr=")[1].split()[0], 16))
    return found


def find_counter(target, boots):
    """Byte order and number of the program counter: of the registers that hold the entry, the one that a step changes."""
    before = target.registers()
    target.ask("s")
    after = target.registers()
    for order in (boots.byte_order, *{"big", "little"} - {boots.byte_order}):
        for number, data in enumerate(before):
            if int.from_bytes(data, order) in boots.all_entries and after[number] != data:
                return order, number
    raise LookupError("the program counter is not among the registers")


def handed_over(target, boots):
    """What the firmware may have put into registers, those before the program counter: [(number, value, bytes)]."""
    return [(number, int.from_bytes(data, boots.byte_order), data)
            for number, data in enumerate(target.registers()[:boots.counter]) if data]


def find_tree(target, boots):
    """Address and bytes of the flattened tree that a register points to, or (None, None)."""
    for _, word, _ in handed_over(target, boots):
        if word and word < 1 << 56 and target.read(word, 4) == fdt.MAGIC:
            size = struct.unpack(">I", target.read(word + 4, 4))[0]
            head = target.read(word, 40)
            used = max(fdt.value(head, "off_dt_struct") + fdt.value(head, "size_dt_struct"),
                       fdt.value(head, "off_dt_strings") + fdt.value(head, "size_dt_strings"))
            return word, target.read(word, min(size, used))
    return None, None


def clear_registers(boots):
    """A preparation: whatever the firmware tells the kernel in registers is gone."""
    def prepare(target):
        for number, _, data in handed_over(target, boots):
            target.set_register(number, bytes(len(data)))
    return prepare


def change_tree(boots, change):
    """A preparation: the tree in memory is changed."""
    def prepare(target):
        address, tree = find_tree(target, boots)
        changes = change(tree)
        if not changes:
            raise LookupError("nothing to change in this tree")
        for at, data in changes:
            target.write(address + at, data)
    return prepare


def archive_cases(boots):
    """The table of archives as cases."""
    with open(boots.here.archive, "rb") as file:
        good = file.read()
    for number, (name, expected, make) in enumerate(ARCHIVES):
        path = None
        if make:
            path = boots.path(f"archive-{number}")
            with open(path, "wb") as file:
                file.write(make(good))
        yield Case("boot archive: " + name, expected, path)


def tree_cases(boots):
    """The table of trees as cases; asks the machine whether it has a tree in memory at all."""
    yield Case("nothing from the firmware", r"\b(no|not)\b", boots.here.archive, clear_registers(boots), may_wait=True)
    if boots.has_tree:
        for name, expected, change in TREES:
            yield Case("device tree: " + name, expected, boots.here.archive, change_tree(boots, change))


def look(boots):
    """Starts the machine once to see where the kernel is entered and whether with a flattened tree."""
    def prepare(target):
        boots.byte_order, boots.counter = find_counter(target, boots)
        boots.has_tree = find_tree(target, boots)[0] is not None
    boots.start_stopped(boots.here.archive, prepare).wait(0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--log", metavar="FILE", help="keep the consoles of all cases there")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the cases whose name holds it")
    options = parser.parse_args()
    machine.end_on_signal()
    if options.log:
        os.makedirs(os.path.dirname(os.path.abspath(options.log)), exist_ok=True)
    boots = Boots(options)
    print("TAP version 13")
    look(boots)
    if not boots.has_tree:
        print("# the firmware passes no flattened device tree")
    cases = [case for case in (*archive_cases(boots), *tree_cases(boots)) if options.only in case.name]
    print(f"1..{len(cases)}", flush=True)
    for case in cases:
        boots.run(case)
    boots.close()
    print(f"# {boots.number - boots.failed} passed, {boots.failed} failed")
    return 1 if boots.failed or not cases else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except machine.Failure as failure:
        sys.exit(f"ci/boot-tests.py: {failure}")
