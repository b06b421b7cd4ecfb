# SPDX-License-Identifier: BSD-2-Clause
"""Lets GRUB's command `linux` boot the flat image, for a target whose target.ini names a GRUB.

GRUB itself is made by grub-mkimage, with its commands inside, and is a disk of its own; kernel and archive are on a second one.
"""
import os
import shutil
import subprocess

import machine

MODULES = ["biosdisk", "part_msdos", "fat", "linux", "serial", "terminal", "echo", "boot"]
SCRIPT = """serial --unit=0
terminal_output serial
linux {files}/kernel.bin
initrd {files}/boot.cpio
boot
"""


class Disk(machine.Disk):
    """As machine.Disk, for GRUB."""

    def __init__(self, here, directory):
        super().__init__(here, directory)
        self.grub = self.settings["grub"]
        if not self.grub:
            raise machine.Failure(f"{here.tree}: this machine is not started by GRUB: its target.ini names none")
        self.core = directory + ".core"

    def fill(self, kernel, archive):
        """Puts both on the disk, and makes GRUB's: its first sector, and behind it the rest."""
        shutil.copy(kernel, os.path.join(self.directory, "kernel.bin"))
        shutil.copy(archive, os.path.join(self.directory, "boot.cpio"))
        script, image = self.directory + ".cfg", self.directory + ".image"
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT.format(files=self.settings["grub_files"]))
        try:
            done = subprocess.run(["grub-mkimage", "-d", self.grub, "-O", os.path.basename(self.grub), "-o", image, "-p", "/boot/grub", "-c", script,
                                   *MODULES], capture_output=True, text=True, check=False)
        except OSError as error:
            raise machine.Failure(f"grub-mkimage: {error.strerror}; ci/setup installs it") from error
        if done.returncode:
            raise machine.Failure(f"grub-mkimage failed: {done.stderr.strip()}")
        with open(self.core, "wb") as core:
            for part in os.path.join(self.grub, "boot.img"), image:
                with open(part, "rb") as file:
                    core.write(file.read())
            core.truncate(1 << 20)

    def command(self, extra=(), serial="stdio"):
        """As in machine.Disk."""
        own = [word.replace("{grub}", self.core).replace("{disk}", "fat:" + self.directory) for word in self.settings["grub_args"]]
        return [self.here.data["qemu"], *self.here.data["qemu_common"], "-serial", serial, *self.here.data["qemu_args"], *extra, *own]
