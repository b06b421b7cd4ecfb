#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the runner (TAP): a script plays QEMU, and ci/qemu must see through it, with --tap and with --script."""
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

# The same of a machine without exit status, which never ends by itself.
OFF = "cobnut: the machine is off\r\n"
ENDLESS = [
    ("no exit status: all is well", GOOD + OFF, None),
    ("no exit status: the tests passed, but the machine did not end", GOOD, "time-out"),
    ("no exit status: the machine failed after the tests", GOOD + OFF.replace("is off", "failed"), "exit status 1"),
    ("no exit status: it ended before the tests did", GOOD.split("1..2")[0] + OFF, "no plan"),
    ("no exit status: a test failed", GOOD.replace("ok 2", "not ok 2").replace("2 passed, 0", "1 passed, 1") + OFF, "1 failed"),
]

# What plays a machine with a prompt: "say X" says X, "late X" says it after the next prompt and shows that again, "count"
# says how many commands there were, "mute" ends the dialogue, "die" the machine; "power off" ends it with success.
PROMPTER = """#!/usr/bin/env python3
import sys
number, late = 1, None
print("BIOS\\r\\nhere is the story\\r", flush=True)
while True:
    prompt = f"cobnut {number}> "
    print(prompt, end="", flush=True)
    if late:
        print(f"\\r\\n{late}\\r\\n{prompt}", end="", flush=True)
        late = None
    line = ""
    while (key := sys.stdin.read(1)) not in ("\\r", ""):
        line += key
    print(line + "\\r", flush=True)
    verb, _, rest = line.partition(" ")
    if line == "power off" or not key:
        sys.exit(33 if key else 7)
    if verb == "mute":
        sys.stdin.read()
    if verb == "die":
        sys.exit(35)
    if verb == "say":
        print(rest + "\\r", flush=True)
    if verb == "count":
        print(f"{number}\\r", flush=True)
    late = rest if verb == "late" else None
    number += 1
"""

# name, script, what the runner must complain of (None: nothing)
DIALOGUES = [
    ("an empty script switches the machine off", "", None),
    ("what was expected came", "# first\nexpect story\n\nsay one two\nexpect one\nexpect two\npower off\n", None),
    ("what was expected did not come", "say one\nexpect two\n", 'line 2: "two" is not in the answer'),
    ("the echo is no answer", "nothing one\nexpect one\n", 'line 2: "one" is not in the answer'),
    ("an answer of an earlier command", "say one\nsay two\nexpect one\n", 'line 3: "one" is not in the answer'),
    ("nothing of the beginning", "expect fairy tale\n", 'line 1: "fairy tale" is not in the answer'),
    ("a prompt that is shown again is no answer", "late one\nsay two\nexpect two\nsay three\nexpect three\n", None),
    ("what comes later is awaited", "late one\nawait one\nsay two\nexpect two\n", None),
    ("what never comes is awaited", "say one\nawait two\n", 'line 2: "two" was not answered'),
    ("a command is typed until its answer is right", "count\nuntil 5\nsay one\nexpect one\n", None),
    ("a command is not typed for ever", "count\nuntil five\nsay one\nexpect one\n", "is not in 500 answers"),
    ("a command without an answer", "say one\nmute\n", 'line 2: "mute" was not answered'),
    ("the machine ends before the script", "die\nsay one\n", 'line 1: "die" was not answered'),
    ("a script that goes on after the end", "power off\nsay one\n", 'line 2: "say one" comes after the end'),
    ("the machine ends with the script, but badly", "die\n", "exit status 35"),
]


def play(work, console, status, success=SUCCESS):
    """Makes the played machine's build directory; returns its path."""
    script = os.path.join(work, "player")
    with open(script, "w", encoding="utf-8") as file:
        end = "exec sleep 60" if status is None else f"exit {status}"
        file.write(f"#!/bin/sh\ncat '{work}/console'\n{end}\n")
    os.chmod(script, 0o755)
    write_machine(work, script, success)
    with open(os.path.join(work, "console"), "w", encoding="utf-8", newline="") as file:
        file.write(console)
    return work


def write_machine(work, script, success=SUCCESS):
    """Makes `work` the build directory of a machine whose QEMU is a script. success: None: it has no exit status."""
    os.makedirs(os.path.join(work, "ci"), exist_ok=True)
    with open(os.path.join(work, "ci", "machine.json"), "w", encoding="utf-8") as file:
        json.dump({"qemu": script, "qemu_common": [], "qemu_args": [], "qemu_ok": success, "variants": [], "kernel": "k", "program": "k",
                   "tree": None, "archive": "a", "demo": "d"}, file)


def talk(work, script, complaint):
    """What is wrong with the runner's verdict on a dialogue, as a list of texts."""
    prompter, path = os.path.join(work, "prompter"), os.path.join(work, "script")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script)
    with open(prompter, "w", encoding="utf-8") as file:
        file.write(PROMPTER)
    os.chmod(prompter, 0o755)
    write_machine(work, prompter)
    done = subprocess.run([os.path.join(ROOT, "ci", "qemu"), work, "--script", path, "--time-out", "2"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = []
    if (done.returncode == 0) != (complaint is None):
        found.append(f"exit status {done.returncode}: {done.stderr}")
    if complaint and complaint not in done.stderr:
        found.append(f'does not say "{complaint}" but: {done.stderr}')
    if "here is the story\n" not in done.stdout:
        found.append(f"does not show the console: {done.stdout}")
    return found


def problems(work, console, status, complaint, success=SUCCESS):
    """What is wrong with the runner's verdict, as a list of texts."""
    done = subprocess.run([os.path.join(ROOT, "ci", "qemu"), play(work, console, status, success), "--tap", "--time-out", "1"],
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
    tests = [(name, problems, case) for name, *case in CASES] + [(name, talk, case) for name, *case in DIALOGUES]
    tests += [(name, problems, (console, None, complaint, None)) for name, console, complaint in ENDLESS]
    print(f"TAP version 13\n1..{len(tests)}")
    with tempfile.TemporaryDirectory() as work:
        for number, (name, test, case) in enumerate(tests, 1):
            found = test(work, *case)
            failed += bool(found)
            print(f"{'not ' if found else ''}ok {number} - {name}", flush=True)
            for text in found:
                print("# " + text.replace("\n", "\n# "))
    print(f"# {len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
