#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of what operations cost, and of the counting itself: TAP.

  ci/bench-tests.py [target...]       default: every target that docs/measurements/figures.json has; others are left out

Each target's single trips against the committed figures (`ci/bench --compare`); on the first one, the plugin's counts against a
trace, which is written by another part of it, against themselves in a second run, and sums of trips against one; the comparison
against figures that are made up.
"""
import copy
import os
import re
import subprocess
import sys
import tempfile

import counting
import figures
import machine

TRACED = "call-0"
EMPTY, MANY = "trap-empty", 10000


class Tests:
    """Counts results and prints them."""

    def __init__(self):
        self.number = self.failed = 0

    def check(self, good, what, detail=""):
        """One result."""
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {what}" + (f" # {detail}" if detail and not good else ""), flush=True)


def traced_counts(path):
    """({class: instructions}, loads and stores of the kernel, kernel lines of instructions) of a trace."""
    instructions, accesses, last = {}, {"load": 0, "store": 0}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[0] in accesses:
                accesses[words[0]] += last == "kernel"
            else:
                last = words[0]
                instructions[last] = instructions.get(last, 0) + 1
    return instructions, accesses


def check_trace(tests, here, records):
    """The trace has what was counted; the store that ends the region is in the trace alone."""
    record = records[TRACED]
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "trace")
        counting.run(here, here.kernel, "tests", ["quick=1", f"trace={path}", f"traced={record['measurement'] - 1}"])
        instructions, accesses = traced_counts(path)
    tests.check(instructions.get("kernel") == record["instructions"]["kernel"], "a trace has as many kernel instructions as were counted",
                f"{instructions} {record['instructions']}")
    tests.check(instructions.get("user") == record["instructions"]["user"] + 1, "and as many of user level, with the end marker",
                f"{instructions} {record['instructions']}")
    tests.check((accesses["load"], accesses["store"]) == (record["loads"]["kernel"], record["stores"]["kernel"]),
                "a trace has as many loads and stores of the kernel as were counted", str(accesses))
    tests.check(sum(record["addresses"].values()) == sum(record["instructions"].values()), "counts per address add up to the instructions")


def check_sum(tests, counts):
    """An empty trap costs the same each time: the sum of many is known."""
    trips, record = counts.many()[EMPTY]
    cost = {who: number for who, number in counts.single()[EMPTY][-1]["instructions"].items() if number}
    tests.check(trips >= MANY and record["costs"] == {str(sum(cost.values())): trips}
                and all(record["instructions"][who] == trips * number for who, number in cost.items()),
                "trips that are counted one by one and added up are as many times one trip", str(record))


def check_sense(tests, records):
    """What must hold whatever the kernel costs."""
    across, same = (figures.operation(records[name]) for name in ("call-0", "call-0-same"))
    tests.check(across["root_writes"] == 2 and same["root_writes"] == 0, "a call to another Space and back writes the page-table root twice, "
                "one in the same Space never")
    tests.check(across["crossings"] == 4, "it crosses four times between user level and kernel")
    tests.check(across["code_lines"] <= across["kernel"] and across["data_lines"] <= across["loads"] + across["stores"],
                "there are no more lines than instructions and accesses")


def made_up(cost):
    """Figures with one operation."""
    return {"targets": {"machine": {"operations": {"call-0": {"user": 10, "kernel": cost - 10}}}}}


def check_comparison(tests):
    """Up to 2 % is no change."""
    tests.check(figures.compare(made_up(1000), made_up(1020)) == ([], []), "2 % more is not worse")
    tests.check(len(figures.compare(made_up(1000), made_up(1021))[1]) == 1, "more than 2 % more is worse")
    tests.check(len(figures.compare(made_up(1000), made_up(979))[0]) == 1, "more than 2 % less is better")
    gone = copy.deepcopy(made_up(1000))
    gone["targets"]["machine"]["operations"] = {}
    tests.check(len(figures.compare(made_up(1000), gone)[1]) == 1, "an operation that is not measured any more is worse")


def check_costs(tests, targets):
    """What ci/bench --compare says of each target, with what it says before as comments."""
    bench = os.path.join(machine.ROOT, "ci", "bench")
    done = subprocess.run([bench, "--compare", figures.FIGURES, *targets], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    results = 0
    for line in done.stdout.splitlines():
        match = re.match(r"(not )?ok \d+ - (.*)", line)
        if match:
            tests.check(not match[1], match[2])
            results += 1
        elif line.startswith("#"):
            print(line)
    if results != len(targets):
        tests.check(False, "ci/bench --compare comes to its end", done.stderr.strip().replace("\n", "; "))


def main():
    """Runs all of them."""
    known, tests = list(figures.load(figures.FIGURES)["targets"]), Tests()
    targets = [target for target in sys.argv[1:] or known if target in known]
    print("TAP version 13")
    if not targets:
        print("# of these targets there are no figures")
        return 0
    check_costs(tests, targets)
    counting.build_plugin()
    here = machine.Machine(os.path.join(machine.ROOT, "build", f"{targets[0]}-release"))
    runs = [counting.run(here, here.kernel, "tests", ["quick=1", "addresses=1"]) for _ in range(2)]
    first, second = (counts.single() for counts in runs)
    tests.check(first == second and first, "two runs give the same records, all of them")
    check_sum(tests, runs[0])
    records = {name: found[-1] for name, found in first.items()}
    check_trace(tests, here, records)
    check_sense(tests, records)
    check_comparison(tests)
    print(f"1..{tests.number}\n{tests.number - tests.failed} passed, {tests.failed} failed")
    return 1 if tests.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except machine.Failure as failure:
        print(f"Bail out! {failure}")
        sys.exit(1)
