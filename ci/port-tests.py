#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of what those who port begin with (TAP): hal/template builds, runs to its first missing function and says its name, and lists what
is missing; ci/port-check sees what a change touched. The template is built in build/template."""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECK = os.path.join(ROOT, "ci", "port-check")
TREE = os.path.join(ROOT, "build", "template")
# The example that the template is until its start and console are replaced.
RUN = ["qemu-system-riscv64", "-M", "virt", "-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio", "-m", "64M", "-kernel"]
SECONDS = 120

# name, changed files (+: added and committed, ~: only in the working tree, -: removed), arguments, exit status, what it must say
CHANGES = [
    ("one directory", ["+hal/new/a.c", "+hal/new/b/README.md"], [], 0, "inside hal/new: 2 changed files"),
    ("committed and not", ["+hal/new/a.c", "~hal/new/b.c"], [], 0, "2 changed files"),
    ("a change of an old directory", ["-hal/old/a.c"], [], 0, "inside hal/old"),
    ("nothing", [], [], 1, "nothing changed"),
    ("two directories", ["+hal/new/a.c", "+hal/old/b.c"], [], 1, "more than one directory: hal/new, hal/old"),
    ("moved from one directory to another", ["-hal/old/a.c", "+hal/new/a.c"], [], 1, "more than one directory"),
    ("the core", ["+hal/new/a.c", "+kernel/x.c"], [], 1, "outside: kernel/x.c"),
    ("the core, not committed", ["+hal/new/a.c", "~kernel/x.c"], [], 1, "outside: kernel/x.c"),
    ("what others share", ["+hal/new/a.c", "+hal/common/x.c"], [], 1, "outside: hal/common/x.c"),
    ("a file of hal/ itself", ["+hal/new/a.c", "+hal/README.md"], [], 1, "outside: hal/README.md"),
    ("no directory of hal/", ["+kernel/x.c"], [], 1, "outside: kernel/x.c"),
    ("an architecture's places", ["+hal/n/a.c", "+include/abi/n/r.h", "+userland/lib/arch/n/s.S"], ["--architecture", "n"], 0,
     "inside hal/n and the places of architecture n: 3 changed files"),
    ("another architecture's places", ["+hal/n/a.c", "+include/abi/o/r.h"], ["--architecture", "n"], 1, "outside: include/abi/o/r.h"),
    ("an architecture's places, not asked for", ["+hal/n/a.c", "+include/abi/n/r.h"], [], 1, "outside: include/abi/n/r.h"),
]


def command(words, where, seconds=SECONDS):
    """Runs a command; returns its exit status and all that it said."""
    try:
        done = subprocess.run(words, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None, f"{words[0]} did not end within {seconds} seconds"
    return done.returncode, done.stdout


def answer(words, where, status, said):
    """What is wrong with ci/port-check's answer, as a list of texts."""
    got, text = command([CHECK, *words], where)
    return [] if got == status and said in text else [f'wanted exit status {status} and "{said}", got {got} and:', text]


def git(where, *words):
    """Git without anybody's settings."""
    settings = ("-c", "user.name=t", "-c", "user.email=t@invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", where, *settings, *words], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def write(where, path):
    """A file that is like no other."""
    os.makedirs(os.path.join(where, os.path.dirname(path)), exist_ok=True)
    with open(os.path.join(where, path), "w", encoding="utf-8") as file:
        file.write("the text of a file that is moved\n")


def change(files, words, status, said):
    """Makes a repository with a change; see answer()."""
    with tempfile.TemporaryDirectory() as where:
        git(where, "init", "--quiet", "--initial-branch", "base")
        write(where, "hal/old/a.c")
        git(where, "add", ".")
        git(where, "commit", "--quiet", "-m", "base")
        git(where, "checkout", "--quiet", "-b", "port")
        for file in files:
            if file[0] == "-":
                os.remove(os.path.join(where, file[1:]))
            elif file[0] == "+":
                write(where, file[1:])
        git(where, "add", "--all")
        git(where, "commit", "--quiet", "--allow-empty", "-m", "port")
        # Meanwhile the others went on, which is no change of the port.
        git(where, "checkout", "--quiet", "base")
        write(where, "kernel/meanwhile.c")
        git(where, "add", ".")
        git(where, "commit", "--quiet", "-m", "meanwhile")
        git(where, "checkout", "--quiet", "port")
        for file in files:
            if file[0] == "~":
                write(where, file[1:])
        return answer([*words, "base"], where, status, said)


# ---- the template ----

def contract():
    """The functions of kernel/hal.h that a HAL supplies, and those of its hal_arch.h that are more than a conversion of types."""
    with open(os.path.join(ROOT, "kernel", "hal.h"), encoding="utf-8") as file:
        text = file.read()
    declared = re.findall(r"^[a-z_][^;(/]*\b(hal_\w+)\([^;{]*\);", re.sub(r"/\*.*?\*/", "", text, flags=re.S), re.M | re.I)
    inline = re.findall(r"^ \*   \[i\] (.*)$", text, re.M)
    return set(declared) | {name for line in inline for name in re.findall(r"\b(hal_\w+)\(", line.split("  ")[0])}


def builds():
    """The template builds from nothing."""
    subprocess.run(["rm", "-rf", TREE], check=True)
    for words in (["meson", "setup", TREE, "--cross-file", "hal/template/target.ini"], ["ninja", "-C", TREE, "-j", "1"]):
        status, text = command(words, ROOT)
        if status:
            return [f"{words[0]}: exit status {status}", text[-2000:]]
    return []


def lists():
    """All of the contract is either missing or in one of the template's files."""
    status, text = command([CHECK, "--missing", TREE], ROOT)
    named = set(re.findall(r"^  (hal_\w+)$", text, re.M))
    there = {"hal_console_put", "hal_stop", "hal_kernel_address", "hal_physical_address", "hal_next"}
    wrong = [f"exit status {status}"] if status != 1 else []
    wrong += [f"not listed: {name}" for name in sorted(contract() - there - named)]
    wrong += [f"listed, but there or not in the contract: {name}" for name in sorted(named - (contract() - there))]
    wrong += [f"not said: {name}" for name in ("core_ipc", "core_secondary") if not re.search(rf"^  {name}$", text, re.M)]
    return wrong if len(contract()) > len(there) + 50 else [*wrong, f"the contract is not found in kernel/hal.h: {sorted(contract())}"]


def stops():
    """It says which function is missing first, and ends the machine."""
    status, text = command([*RUN, os.path.join(TREE, "kernel", "kernel.elf")], ROOT)
    good = status == 0 and text.rstrip().endswith("cobnut: missing: hal_core_self")
    return [] if good else [f"exit status {status}", text[-1000:]]


def shrinks():
    """One that is written is not missing any more, here in a file of its own that is linked in as a port's would be."""
    with tempfile.TemporaryDirectory() as where:
        source, made = os.path.join(where, "one.c"), os.path.join(where, "kernel")
        with open(source, "w", encoding="utf-8") as file:
            file.write("unsigned hal_core_self(void);\nunsigned hal_core_self(void)\n{\n\treturn 0;\n}\n")
        _, text = command(["ninja", "-C", TREE, "-t", "commands", "kernel/kernel.elf"], ROOT)
        link = text.splitlines()[-1].replace("-o kernel/kernel.elf", f"-o {made}/kernel.elf {source}")
        os.makedirs(os.path.join(made, "kernel.elf.p"))
        status, text = command(["sh", "-c", f"{link} && cp kernel/kernel.elf.p/.._hal_template_missing.c.o {made}/kernel.elf.p/"], TREE)
        if status:
            return [f"does not link: {text}"]
        _, text = command([CHECK, "--missing", where], ROOT)
        shrunk = "  hal_core_self\n" not in text and "  hal_core_data\n" in text
        wrong = [] if shrunk else ["hal_core_self is still listed, or nothing is:", text]
        status, text = command([*RUN, f"{made}/kernel.elf"], ROOT)
        return wrong + ([] if "cobnut: missing: hal_core_set_data" in text else ["it did not get further:", text[-1000:]])


def main():
    tests = [("port-check: " + name, lambda case=case: change(*case)) for name, *case in CHANGES]
    tests += [("port-check: a commit that does not exist", lambda: answer(["nonsense"], ROOT, 2, "no such commit: nonsense")),
              ("port-check: no arguments", lambda: answer([], ROOT, 2, "wants a commit")),
              ("port-check: not a build directory", lambda: answer(["--missing", "hal"], ROOT, 2, "not a build directory")),
              ("template: builds", builds),
              ("template: the list of what is missing is the contract", lists),
              ("template: stops at what is missing first", stops),
              ("template: the list shrinks", shrinks)]
    failed = 0
    print(f"TAP version 13\n1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        found = test()
        failed += bool(found)
        print(f"{'not ' if found else ''}ok {number} - {name}", flush=True)
        for text in found:
            print("# " + text.strip().replace("\n", "\n# "))
    print(f"# {len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
