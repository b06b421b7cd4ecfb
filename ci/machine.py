# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU machine: how it is called, its console, its time-out, its exit status.

A build tree says in ci/machine.json (written by ci/meson.build from the target's own file) which
QEMU it needs, with which arguments, and which exit status means success; so does the directory of a target in an installed SDK.
Nothing here knows a target by name.
"""
import fcntl
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

from uboot import fit

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SILENCE_LIMIT = 120  # seconds without a byte on the console: a hang
TOTAL_LIMIT = 900  # seconds for one run, however much it prints
END = re.compile(r"cobnut: the machine (is off|failed|restarts)$")  # the last line of a HAL whose machine has no exit status
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1f]")


class Failure(Exception):
    """Something that the user can put right; the text says what."""


class Machine:
    """What a build tree says about its machine."""

    def __init__(self, name):
        """name: a build directory, or a target, whose build directory is looked for under build/; in an SDK, an installed target."""
        for tree in (name, os.path.join(ROOT, name), *(os.path.join(ROOT, "build", name + suffix) for suffix in ("", "-debug", "-release"))):
            path = os.path.join(tree, "ci", "machine.json")
            if os.path.exists(path):
                break
        else:
            raise Failure(f"{name}: neither a build directory nor a target that was built under build/ or installed")
        with open(path, encoding="utf-8") as file:
            self.data = json.load(file)
        self.tree = os.path.abspath(tree)
        for name_of_file in ("kernel", "program", "tree", "archive", "demo"): # in an SDK, relative to its directory
            if self.data[name_of_file]:
                self.data[name_of_file] = os.path.join(self.tree, self.data[name_of_file])
        self.kernel = self.data["kernel"]
        self.program = self.data["program"]
        self.archive = self.data["archive"]
        self.demo = self.data["demo"]
        self.silent_end = self.data["qemu_ok"] is None  # no exit status: the console tells the end
        self.success = 0 if self.silent_end else self.data["qemu_ok"]

    def variant(self, name):
        """The further QEMU arguments of a variant of this machine that the target's file declares."""
        for variant in self.data["variants"]:
            if variant[0] == name:
                return variant[1:]
        raise Failure(f"this machine has no variant {name}; it has: " + " ".join(v[0] for v in self.data["variants"]))

    def command(self, kernel, archive, extra=(), serial="stdio"):
        """The QEMU command. archive: None for none; extra arguments come last and so win."""
        command = [self.data["qemu"], *self.data["qemu_common"], "-serial", serial, *self.data["qemu_args"], *extra, "-kernel", kernel]
        command += ["-dtb", self.data["tree"]] if self.data["tree"] else []
        return command + (["-initrd", archive] if archive else [])


class Disk:
    """What a machine that U-Boot starts boots from: a directory that QEMU shows as a disk with a FAT file system."""

    def __init__(self, here, directory):
        """here: a Machine; directory: an empty one."""
        path = os.path.join(here.tree, "ci", "uboot", "uboot.json")
        if not os.path.exists(path):
            raise Failure(f"{here.tree}: this machine is not started by U-Boot: its target.ini names none")
        self.settings = fit.settings_of(path)
        self.here = here
        self.directory = directory
        self.image = os.path.join(directory, fit.IMAGE)
        self.kernel = os.path.join(os.path.dirname(path), "kernel.bin")

    def fill(self, kernel, archive):
        """Puts the boot script there and an image of these two: the one that the build made, if they are the build's."""
        made = os.path.join(self.here.tree, "ci", "uboot")
        names = {self.here.archive: "boot.fit", self.here.demo: "demo.fit"}
        shutil.copy(os.path.join(made, "boot.scr"), os.path.join(self.directory, fit.SCRIPT))
        if kernel == self.kernel and archive in names:
            shutil.copy(os.path.join(made, names[archive]), self.image)
            return
        try:
            fit.make_image(self.settings, self.image, kernel, archive)
        except fit.Failure as failure:
            raise Failure(str(failure)) from failure

    def command(self, extra=(), serial="stdio"):
        """The QEMU command; extra arguments as in Machine.command."""
        if not os.path.exists(self.settings["uboot"]):
            raise Failure(f"{self.settings['uboot']} is not there; ci/setup installs it")
        own = [word.replace("{uboot}", self.settings["uboot"]).replace("{disk}", "fat:" + self.directory)
               for word in self.settings["uboot_args"]]
        return [self.here.data["qemu"], *self.here.data["qemu_common"], "-serial", serial, *self.here.data["qemu_args"], *extra, *own]


def share_processors(alone):
    """Waits until this run may begin. Those that want to be alone exclude all others as long as the returned file is open."""
    if os.path.exists(os.path.join(ROOT, "hal")):
        directory, name = os.path.join(ROOT, "build"), ".processors"
        os.makedirs(directory, exist_ok=True)
    else: # an SDK, which may not be written to
        directory, name = tempfile.gettempdir(), f"cobnut-{os.getuid()}"
    file = open(os.path.join(directory, name), "a", encoding="utf-8")
    fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
    return file


class Run:
    """A finished or running QEMU process: the lines of its console and how it ended."""

    def __init__(self, command, log=None, line=None, raw=None, stdin=subprocess.DEVNULL, alone=False, silent_end=False):
        """alone: no other run at the same time. silent_end: as in Machine. log: file that gets all console output; line, raw: called with each line (str), each piece (bytes)."""
        self.lines = []
        self.status = None  # exit status, once it has ended
        self.hang = None  # why it was ended from here, or None
        self.seconds = 0.0
        self.errors = ""  # what QEMU itself said
        self._silent_end = silent_end
        self._said = None  # what the last line of a machine without exit status said
        self._rest = b""
        self._log = open(log, "wb") if log else None
        self._line = line
        self._raw = raw
        self._processors = share_processors(alone)
        try:
            self._process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise Failure(f"{command[0]}: {error.strerror}; ci/setup installs it") from error
        self._begin = time.monotonic()

    def wait(self, silence=SILENCE_LIMIT, total=TOTAL_LIMIT):
        """Reads the console until the machine ends; ends it after `silence` seconds without output or `total` in all."""
        try:
            self._read(silence, total)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self.status = self._process.wait()
            if self._silent_end:
                self.status = 0 if self._said == "is off" else 1
            self.seconds = time.monotonic() - self._begin
            if self._rest:
                self._take_line(self._rest)
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                if stream:
                    stream.close()
            if self._log:
                self._log.close()
            self._processors.close()
        return self

    def type(self, text):
        """Types on the console; stdin=PIPE was asked for."""
        try:
            self._process.stdin.write(text.encode("latin-1"))
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended

    def tail(self, count=15):
        """The last lines of the console, and of what QEMU itself said, as one text."""
        return "\n".join(self.lines[-count:] + self.errors.splitlines()[-3:])

    def _read(self, silence, total):
        streams = [self._process.stdout, self._process.stderr]
        heard = self._begin
        while streams and not self._said and not self.hang:
            now = time.monotonic()
            if now - heard >= silence:
                self.hang = f"time-out: nothing on the console for {silence} s"
                return
            if now - self._begin >= total:
                self.hang = f"time-out: still running after {total} s"
                return
            ready = select.select(streams, [], [], min(silence - (now - heard), total - (now - self._begin)))[0]
            for stream in ready:
                data = os.read(stream.fileno(), 65536)
                if not data:
                    streams.remove(stream)
                elif stream is self._process.stdout:
                    heard = time.monotonic()
                    self._take(data)
                else:
                    self.errors += data.decode(errors="replace")

    def _take(self, data):
        if self._log:
            self._log.write(data)
            self._log.flush()
        if self._raw:
            self._raw(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take_line(line)

    def _take_line(self, line):
        text = ESCAPES.sub("", line.decode(errors="replace"))
        self.lines.append(text)
        end = END.search(text) if self._silent_end else None
        if end:
            self._said = end[1]
        if fit.REFUSED in text:
            self.hang = text.strip()
        if self._line:
            self._line(text)


def end_on_signal():
    """Makes a polite end of this process (SIGTERM) an exception, so that its QEMU ends with it."""
    def stop(number, _frame):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, stop)
