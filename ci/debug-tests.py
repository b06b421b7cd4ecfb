#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of ci/debug (TAP): gdb stops in the kernel and in a program, and its commands show both.

  ci/debug-tests.py BUILD
"""
import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 120

# In the traced program everything is there: a server that waits, spinners that are ready, its own calls. Each command's
# output follows a line that names it.
COMMANDS = [
    ("kernel", ["break core_main", "continue", "backtrace"]),
    ("no component", ["component nonsense"]),
    ("component", ["component test-traced", "delete", 'break act if $running("client")', "continue"]),
    ("user", ["backtrace"]),
    ("cores", ["cores"]),
    ("threads", ["threads"]),
    ("server", ["user-backtrace server"]),
    ("nobody", ["user-backtrace nobody"]),
    ("after", ["backtrace"]),
]

# section of the output, what must be in it, name of the case
CASES = [
    # A release's first line may be that of a function of another file that was inlined.
    ("kernel", r"(?s)core_main \(.*kernel/\w+\.c:(\d+)\n\1\t.*core_main", "gdb stops in the kernel, and shows its source"),
    ("no component", r"no program nonsense", "a component that there is not is named"),
    ("component", r"symbols of test-traced", "a component's symbols can be loaded"),
    ("component", r"Breakpoint 2, (0x\w+ in )?act \(", "and a function of it be stopped at"),
    ("user", r"(?s)#0 +(0x\w+ in )?act .*#1 .*test_run .*program_main", "a backtrace in a program has its functions' names"),
    ("cores", r"core 0: client", "the current thread is named"),
    ("threads", r"server +receiving +core 0 +priority 110", "a server waits to receive"),
    ("threads", r"victim +stopped ", "a thread is stopped"),
    ("threads", r"(?s)spinner +ready .*spinner +ready ", "others are ready"),
    ("server", r"(?s)#\d+ .*serve .*#\d+ .*run \(", "the backtrace of a thread that waits has its functions' names"),
    ("nobody", r"no thread is named nobody", "a thread that there is not is named"),
    ("after", r"#0 +(0x\w+ in )?act ", "looking has changed nothing"),
]


def run(build):
    """The output of each section."""
    words = [os.path.join(HERE, "debug"), build, "--archive", "traced", "--cores", "2", "--batch", "-iex", "set width 0"]
    for name, commands in COMMANDS:
        words += ["-ex", f"echo \\n== {name}\\n"]
        for command in commands:
            words += ["-ex", command]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True)
    try:
        text, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # gdb and QEMU with it
        text = process.communicate()[0] + f"\nended after {SECONDS} seconds\n"
    parts = re.split(r"^== (.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2])), text


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("TAP version 13")
    print(f"1..{len(CASES)}", flush=True)
    sections, text = run(sys.argv[1])
    failed = 0
    for number, (section, expected, name) in enumerate(CASES, 1):
        good = re.search(expected, sections.get(section, "")) is not None
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    if failed:
        print(text, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
