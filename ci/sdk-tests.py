#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Installs a build directory into a prefix and builds programs with nothing but that (TAP).

  ci/sdk-tests.py BUILD TARGET [--log FILE]

The programs and the commands are the blocks of docs/sdk.md, run as they stand, in a directory outside of the tree.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT = 300  # seconds for one step
PASSED = re.compile(r"^# (\d+) passed, 0 failed$", re.M)


def blocks(kind):
    """The blocks of a kind in docs/sdk.md."""
    with open(os.path.join(ROOT, "docs", "sdk.md"), encoding="utf-8") as file:
        return re.findall(rf"^```{kind}\n(.*?)^```$", file.read(), re.M | re.S)


class Sdk:
    """An installed prefix and a directory to work in."""

    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.stage = os.path.join(work, "stage")
        self.prefix = os.path.join(work, "moved")
        self.test, = blocks("c")
        self.build, self.anything = blocks("sh")

    def run(self, words, where):
        """Runs a command with a bare environment; returns (status, output)."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        environment.update(SDK=self.prefix, TARGET=self.options.target)
        done = subprocess.run(words, cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=LIMIT, check=False)
        if self.options.log:
            with open(self.options.log, "a", encoding="utf-8") as file:
                file.write(f"$ {' '.join(words)}\n{done.stdout}\n")
        return done.returncode, done.stdout

    def commands(self, text, source=None):
        """Runs commands of the page in a new directory with the page's program, or another source; returns (status, output)."""
        with tempfile.TemporaryDirectory(dir=self.work) as where:
            with open(os.path.join(where, "test-first.c"), "w", encoding="utf-8") as file:
                file.write(source or self.test)
            return self.run(["sh", "-eu", "-c", text], where)

    # ---- the tests; each returns what is wrong, or "" ----

    def installs(self):
        """Installed in one place, used in another."""
        status, output = self.run(["meson", "install", "-C", self.options.build, "--no-rebuild", "--quiet", "--destdir", self.stage], ROOT)
        if status:
            return output
        for where, _, files in os.walk(self.stage):
            if "cobnut-qemu" in files:
                os.rename(os.path.dirname(where), self.prefix)
                return ""
        return "no runner was installed"

    def names_no_place(self):
        """Nothing that was installed names the tree."""
        found = []
        for where, _, files in os.walk(self.prefix):
            for name in files:
                with open(os.path.join(where, name), "rb") as file:
                    if ROOT.encode() in file.read():
                        found.append(os.path.relpath(os.path.join(where, name), self.prefix))
        return "these name the tree: " + " ".join(found) if found else ""

    def headers(self):
        """Each header compiles alone; libfdt's fdt.h is for its libfdt.h."""
        directory = os.path.join(self.prefix, "lib", "cobnut", self.options.target, "include")
        names = sorted(os.path.relpath(os.path.join(where, name), directory) for where, _, files in os.walk(directory) for name in files
                       if name != "fdt.h" and os.path.dirname(os.path.relpath(os.path.join(where, name), directory)) in ("", "abi"))
        compiling = self.build.split("\n$cc -O2")[0] + '\nfor header in ' + " ".join(names) + '; do\n\techo "#include <$header>" > one.c\n' \
            '\t$cc $(pkg-config --cflags "cobnut-$TARGET") -fsyntax-only one.c\ndone\n'
        status, output = self.commands(compiling)
        if len(names) < 20:
            return f"only {len(names)} headers"
        return output if status else ""

    def passes(self, text, source=None):
        """Commands that run a test must succeed."""
        status, output = self.commands(text, source)
        return "" if status == 0 and PASSED.search(output) else f"exit status {status}\n{output}"

    def fails(self):
        """A test that is wrong must fail."""
        status, output = self.commands(self.build, self.test.replace("42", "43"))
        return "" if status and "not ok" in output and "expected 0x2b" in output else f"exit status {status}\n{output}"

    def by_uboot(self):
        """Through U-Boot, with the installed flat image."""
        return self.passes(self.build.replace("--tap", "--uboot --tap"))

    def tests(self):
        """(name, test), in order."""
        yield "it installs, and the prefix can be moved", self.installs
        yield "nothing in it names the tree", self.names_no_place
        yield "every header compiles alone", self.headers
        yield "a test is built outside of the tree and passes", lambda: self.passes(self.build)
        yield "a test that is wrong fails", self.fails
        yield "an archive made by hand runs", lambda: self.passes(self.build + self.anything)
        if os.path.exists(os.path.join(self.options.build, "ci", "uboot", "uboot.json")):
            yield "the test passes when U-Boot boots it", self.by_uboot


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("target")
    parser.add_argument("--log", metavar="FILE", help="keep what the commands said there")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if options.log:
        options.log = os.path.abspath(options.log)
        os.makedirs(os.path.dirname(options.log), exist_ok=True)
        open(options.log, "w", encoding="utf-8").close()
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        tests = list(Sdk(options, work).tests())
        print(f"TAP version 13\n1..{len(tests)}", flush=True)
        for number, (name, test) in enumerate(tests, 1):
            try:
                problem = test()
            except (OSError, subprocess.TimeoutExpired) as error:
                problem = str(error)
            failed += bool(problem)
            print(f"{'not ' if problem else ''}ok {number} - {name}", flush=True)
            for line in problem.splitlines()[-30:]:
                print("# " + line, flush=True)
    print(f"# {len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
