#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots good and damaged images through U-Boot (TAP).

  ci/uboot-tests.py BUILD [--log FILE] [--only TEXT]

A damaged image differs from the build's in one bit of one of its parts, or is cut off: U-Boot must name the part whose hash is
wrong and start nothing. That the undamaged one boots is a test, too, with one core and with several.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import fdt
import machine
from uboot import fit

ROOT = os.path.dirname(os.path.abspath(__file__))
SILENCE, TOTAL = 60, 120
STARTED = re.compile(r"^(cobnut: (?!U-Boot)|TAP version)")  # what a kernel or its first program says
QUICK = "test-hello"


def flipped(part, numerator):
    """A maker of an image with one bit flipped in the data of a part: at the middle (1/2), in the last byte (1/1)..."""
    def make(good):
        at, length = fdt.find(good, "/images/" + part, "data")
        place = at + min(length - 1, int(length * numerator))
        return good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1:]
    return make


def hash_of(part):
    """What U-Boot says of a part whose hash is wrong."""
    return rf"Bad hash value for 'hash-1' hash node in '{part}' image node"


def parts(image):
    """The names of the parts of an image."""
    return [path.split("/")[2] for path, name, _, _ in fdt.properties(image) if name == "data"]


def damages(image):
    """What is done to a good image: (name, what U-Boot must say, maker)."""
    for part in parts(image):
        for place, numerator in ("first", 0), ("middle", 0.5), ("last", 1):
            if part == "kernel" or place == "middle":
                yield f"{part}: one bit of the {place} byte is wrong", hash_of(part), flipped(part, numerator)
    yield "the image is cut off in the archive", "Bad FIT kernel image format", lambda good: good[:fdt.find(good, "/images/archive", "data")[0] + 1000]
    yield "the image is a text", "Wrong Image Format|Unknown image", lambda good: b"a text of some length\n" * 100


def refused(here, log, expected, data):
    """What is wrong with U-Boot's answer to an image, as a list of texts."""
    with tempfile.TemporaryDirectory() as directory:
        disk = machine.Disk(here, directory)
        disk.fill(disk.kernel, here.archive)
        with open(disk.image, "wb") as file:
            file.write(data)
        run = machine.Run(disk.command(), log=log, silent_end=here.silent_end).wait(SILENCE, TOTAL)
    problems = [f"started: {line}" for line in run.lines if STARTED.search(line)]
    if run.hang != fit.REFUSED:
        problems.append(run.hang or f"ended with status {run.status}")
    if not any(re.search(expected, line) for line in run.lines):
        problems.append(f'no line has "{expected}"')
    return problems + (run.tail().splitlines() if problems else [])


def booted(build, *options, files=()):
    """What is wrong with a boot of good images (files: kernel and archive), as a list of texts."""
    done = subprocess.run([os.path.join(ROOT, "qemu"), build, *files, "--uboot", *options], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", check=False)
    return [] if done.returncode == 0 else [f"exit status {done.returncode}", *done.stderr.splitlines()]


def same_again(here):
    """Whether an image that is made again has the same bytes: a list of texts."""
    with tempfile.TemporaryDirectory() as directory:
        disk = machine.Disk(here, directory)
        disk.fill(disk.kernel, here.archive)
        again = os.path.join(directory, "again")
        fit.make_image(disk.settings, again, disk.kernel, here.archive)
        return [] if fit.contents(again) == fit.contents(disk.image) else ["the build's image and one made again differ"]


def cases(here, log):
    """Yields (name, test); a test returns what is wrong as a list of texts."""
    tap = ("--tap", "--time-out", str(SILENCE), "--only", QUICK)
    image = fit.contents(os.path.join(here.tree, "ci", "uboot", "boot.fit"))
    yield "an image that is made again is the same", lambda: same_again(here)
    yield "an image of another archive boots", lambda: booted(here.tree, *tap)
    yield "with more than one core", lambda: booted(here.tree, *tap, "--only", "test-cores", "--", "-smp", "4")
    yield "the demo's image boots, and its prompt answers", lambda: booted(here.tree, "--demo", "--time-out", str(SILENCE))
    yield "a kernel that is no flat image is named", lambda: [] if "is an ELF file" in str(
        booted(here.tree, *tap, files=(here.program, here.archive))) else ["it is not"]
    for name, expected, make in damages(image):
        yield "refused: " + name, lambda expected=expected, make=make: refused(here, log, expected, make(image))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--log", metavar="FILE", help="keep the console of the last damaged image there")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the cases whose name holds it")
    options = parser.parse_args()
    machine.end_on_signal()
    if options.log:
        os.makedirs(os.path.dirname(os.path.abspath(options.log)), exist_ok=True)
    here = machine.Machine(options.build)
    wanted = [case for case in cases(here, options.log) if options.only in case[0]]
    failed = 0
    print(f"TAP version 13\n1..{len(wanted)}", flush=True)
    for number, (name, test) in enumerate(wanted, 1):
        problems = test()
        failed += bool(problems)
        print(f"{'not ' if problems else ''}ok {number} - {name}", flush=True)
        for text in problems:
            print("# " + text, flush=True)
    print(f"# {len(wanted) - failed} passed, {failed} failed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (machine.Failure, fit.Failure) as failure:
        sys.exit(f"ci/uboot-tests.py: {failure}")
