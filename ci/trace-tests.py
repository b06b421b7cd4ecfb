#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of ci/trace (TAP): a traced program runs in QEMU, its trace is converted, and the result is looked at.

  ci/trace-tests.py BUILD [--log FILE]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import machine

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORES = 2
CALLS = 5  # of userland/tests/traced.c

HEAD = "@trace 0 time f4240 little\n"
# name, console, what ci/trace must complain of
BAD = [
    ("a console without a trace", "TAP version 13\nok 1 - a\n", "no trace in it"),
    ("a trace that is cut off", HEAD + "@trace 0 event 0 10 4 0 0 0 0 0 0\n", "cut off"),
    ("a line that is cut off", HEAD + "@trace 0 event 0 10 4 0 0\n@trace 0 end 0\n", "not a line of a trace"),
    ("an event of a core that has not begun", "@trace 1 event 0 10 4 0 0 0 0 0 0\n", "before the trace has begun"),
    ("a byte order that there is not", "@trace 0 time f4240 middle\n", "byte order"),
]


class Checks:
    """Prints cases as TAP."""

    def __init__(self):
        self.count = self.failed = 0

    def __call__(self, good, name):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)


def convert(console):
    """Runs ci/trace on a console's text; (object or None, what it complained of)."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".log") as file:
        file.write(console)
        file.flush()
        done = subprocess.run([os.path.join(ROOT, "ci", "trace"), file.name], capture_output=True, text=True, check=False)
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr


def balanced(events):
    """Is each slice ended before the next one on its track begins, and are all ended?"""
    open_slices = collections.Counter()
    for event in events:
        open_slices[event.get("tid")] += {"B": 1, "E": -1}.get(event["ph"], 0)
        if open_slices[event.get("tid")] not in (0, 1):
            return False
    return not any(open_slices.values())


def ordered(events):
    """Do times on each track never go back?"""
    last = {}
    for event in events:
        if event["ph"] != "M" and event["ts"] < last.get(event["tid"], 0):
            return False
        if event["ph"] != "M":
            last[event["tid"]] = event["ts"]
    return True


def flows(events):
    """How many arrows lead from a call to its answer, forwards in time."""
    begun = {event["id"]: event["ts"] for event in events if event["ph"] == "s"}
    return sum(event["ph"] == "f" and begun.get(event["id"], event["ts"] + 1) <= event["ts"] for event in events)


def check_run(check, here, log):
    """The real thing."""
    command = here.command(here.kernel, here.data["traced"], ["-smp", str(CORES)])
    run = machine.Run(command, log=log, silent_end=here.silent_end).wait()
    check(not run.hang and run.status == here.success and not any(line.startswith("not ok") for line in run.lines), "the traced program came to its end")
    result, complaint = convert("\n".join(run.lines))
    check(result is not None, "its trace can be converted" + (": " + complaint.strip() if complaint else ""))
    events = result["traceEvents"] if result else []
    slices = collections.Counter((event["name"], event["tid"]) for event in events if event["ph"] == "B")
    instants = [event["name"] for event in events if event["ph"] == "i"]
    check(balanced(events), "each slice begins and ends, one at a time on a core")
    check(ordered(events), "times go forwards on each core")
    check({event["args"]["name"] for event in events if event["name"] == "thread_name"} == {f"core {n}" for n in range(CORES)}, "each core is a track")
    check(slices["client", 0] > CALLS and slices["server", 0] >= CALLS and slices["victim", 0] >= 1, "client, server and victim have slices under their names")
    check(all(slices["spinner", core] >= 1 for core in range(CORES)), "the spinner of each core too")
    check(instants.count("client calls server") == CALLS == instants.count("server answers client"), "calls and answers have the names of both")
    check(flows(events) >= CALLS + 1, "an arrow leads from each call, and from the fault, to its answer")
    check(sum(name.startswith("page fault 0x") for name in instants) == 1, "the page fault is an instant")
    check("timer" in instants, "the timer is too")
    check(any(event["ph"] == "E" and event["args"]["why"] == "preempted" and int(event["args"]["ip"], 16) for event in events), "a preempted thread shows where it was")


def check_gap(check):
    """Events were lost in the middle: the slice before ends there."""
    lines = HEAD + "@trace 0 event 5 10 0 2 61 62 0 1 0\n@trace 0 event 9 20 4 1 62 0 0 0 0\n@trace 0 event a 30 0 2 63 61 0 1 0\n@trace 0 end 5\n"
    result, _ = convert(lines)
    events = result["traceEvents"]
    names = [event["name"] for event in events if event["ph"] == "B"]
    check(balanced(events) and ordered(events) and names == ["a", "b", "a"], "what is lost does not confuse slices")
    check(any(event["ph"] == "E" and event["args"]["why"] == "events lost" for event in events), "the slice before says so")
    check(result["otherData"] == {"lost on core 0": 5}, "the file says how many were lost")
    result, _ = convert(HEAD + "@trace 0 event 0 10 8 0 61 0 0 0 0\n@trace 0 event 1 20 8 0 61 0 0 0 0\n@trace 0 end 0\n")
    check([event["name"] for event in result["traceEvents"] if event["ph"] == "B"] == ["a"], "without a switch the core's one thread runs all the time")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--log", metavar="FILE", help="keep the console there")
    options = parser.parse_args()
    machine.end_on_signal()
    if options.log:
        os.makedirs(os.path.dirname(os.path.abspath(options.log)), exist_ok=True)
    check = Checks()
    print("TAP version 13")
    check_run(check, machine.Machine(options.build), options.log)
    check_gap(check)
    for name, console, complaint in BAD:
        check(complaint in convert(console)[1], "refused: " + name)
    for order, name in (("little", "6261"), ("big", "6162000000000000")):
        result, _ = convert(f"@trace 3 time 1 {order}\n@trace 3 event 0 1 0 0 0 {name} 0 1 0\n@trace 3 end 0\n")
        check("ab" in [event["name"] for event in result["traceEvents"]], f"names are read in {order}-endian order")
    print(f"1..{check.count}")
    return 1 if check.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except machine.Failure as failure:
        sys.exit(f"ci/trace-tests.py: {failure}")
