#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the runner (TAP): a script plays QEMU, and ci/qemu --tap must see through it."""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GOOD = "TAP version 13\nok 1 - a\nok 2 - b\n1..2\n2 passed, 0 failed\n"
SUCCESS = 33  # exit status of the played machine

# name, what the console shows, exit status (None: hangs), what the runner must complain of (None: nothing)
CASES = [
    ("all is well", GOOD, SUCCESS, None),
    ("the firmware speaks first, without a newline", "\x1b[2JBIOS..." + GOOD.replace("\n", "\r\n"), SUCCESS, None),
    ("the plan comes first", "TAP version 13\n1..1\nok 1 - a\n1 passed, 0 failed\n", SUCCESS, None),
    ("the kernel speaks in between", GOOD.replace("ok 2", "cobnut: a thread stopped\nok 2"), SUCCESS, None),
    ("another exit status", GOOD, 0, "exit status 0"),
    ("a test failed", GOOD.replace("ok 2", "not ok 2").replace("2 passed, 0", "1 passed, 1"), SUCCESS, "1 failed"),
    ("a test is missing", GOOD.replace("ok 2 - b\n", ""), SUCCESS, "the plan announces 2 tests"),
    ("a test too many", GOOD.replace("1..2", "ok 3 - c\n1..2"), SUCCESS, "the plan announces 2 tests"),
    ("a test came twice", GOOD.replace("ok 2", "ok 1"), SUCCESS, "out of order"),
    ("no plan", GOOD.replace("1..2\n", ""), SUCCESS, "no plan"),
    ("an empty plan", "TAP version 13\n1..0\n0 passed, 0 failed\n", SUCCESS, "the plan announces 0 tests"),
    ("no final line", GOOD.replace("2 passed, 0 failed\n", ""), SUCCESS, "no final line"),
    ("a final line that lies", GOOD.replace("2 passed", "3 passed"), SUCCESS, "the final line says 3 passed"),
    ("a test was skipped", GOOD.replace("- b", "- b # SKIP no time"), SUCCESS, "left out"),
    ("no TAP at all", "cobnut: boot archive: empty\n", 35, "no \"TAP version 13\""),
    ("a hang before the first line", "", None, "time-out"),
    ("a hang in the middle", "TAP version 13\nok 1 - a\nhere it", None, "here it"),
]


def play(work, console, status):
    """Makes the played machine's build directory; returns its path."""
    script = os.path.join(work, "player")
    with open(script, "w", encoding="utf-8") as file:
        end = "exec sleep 60" if status is None else f"exit {status}"
        file.write(f"#!/bin/sh\ncat '{work}/console'\n{end}\n")
    os.chmod(script, 0o755)
    with open(os.path.join(work, "console"), "w", encoding="utf-8", newline="") as file:
        file.write(console)
    os.makedirs(os.path.join(work, "ci"), exist_ok=True)
    with open(os.path.join(work, "ci", "machine.json"), "w", encoding="utf-8") as file:
        json.dump({"qemu": script, "qemu_args": [], "qemu_ok": SUCCESS, "variants": [], "kernel": "k", "program": "k",
                   "archive": "a", "demo": "d"}, file)
    return work


def problems(work, console, status, complaint):
    """What is wrong with the runner's verdict, as a list of texts."""
    done = subprocess.run([os.path.join(ROOT, "ci", "qemu"), play(work, console, status), "--tap", "--time-out", "1"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = []
    if (done.returncode == 0) != (complaint is None):
        found.append(f"exit status {done.returncode}")
    if complaint and complaint not in done.stderr:
        found.append(f'does not say "{complaint}" but: {done.stderr}')
    if done.stdout and not done.stdout.startswith(("TAP version 13\n", "Bail out!")):
        found.append(f"passes on: {done.stdout}")
    return found


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    with tempfile.TemporaryDirectory() as work:
        for number, (name, *case) in enumerate(CASES, 1):
            found = problems(work, *case)
            failed += bool(found)
            print(f"{'not ' if found else ''}ok {number} - {name}", flush=True)
            for text in found:
                print("# " + text.replace("\n", "\n# "))
    print(f"# {len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
