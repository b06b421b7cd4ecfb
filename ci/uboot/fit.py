#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes what U-Boot boots from a disk, with mkimage.

  ci/uboot/fit.py SETTINGS script OUTPUT                   the boot script (boot.scr)
  ci/uboot/fit.py SETTINGS image OUTPUT KERNEL ARCHIVE     the image (FIT): kernel and boot archive, each with its sha256

SETTINGS is the file uboot.json of a build directory. KERNEL is the flat image (kernel.bin), not the ELF file. The same
input makes the same bytes. A disk for U-Boot is a file system that it can read with both of them, named
boot.scr and cobnut.fit, in the first partition.
"""
import json
import os
import subprocess
import sys
import tempfile

IMAGE = "cobnut.fit"
SCRIPT = "boot.scr"
CONFIGURATION = "cobnut"
REFUSED = "cobnut: U-Boot did not start this image"


class Failure(Exception):
    """Something that the user can put right; the text says what."""


def settings_of(path):
    """The settings in a file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def mkimage(*arguments):
    """Runs mkimage; what it says is shown only if it fails."""
    environment = dict(os.environ, SOURCE_DATE_EPOCH="0")
    try:
        done = subprocess.run(["mkimage", *arguments], env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failure(f"mkimage: {error.strerror}; ci/setup installs it") from error
    if done.returncode:
        raise Failure(f"mkimage failed: {done.stderr.strip() or done.stdout.strip()}")


def script(settings):
    """The boot script. U-Boot has set where it found it: the same script serves every kind of disk."""
    image = f"{settings['fit_address']}#{CONFIGURATION}"
    return (f"load ${{devtype}} ${{devnum}}:${{distro_bootpart}} {settings['fit_address']} {IMAGE} && "
            + settings["boot"].replace("{image}", image) + f"\necho {REFUSED}\n")


def part(settings, name, kind, path, more=""):
    """One image of the FIT source."""
    return (f'\t\t{name} {{ description = "Cobnut: {name}"; data = /incbin/("{path}"); type = "{kind}"; arch = "{settings["arch"]}"; '
            f'os = "linux"; compression = "none"; {more}hash-1 {{ algo = "sha256"; }}; }};\n')


def place(address):
    """Where an image is put and entered."""
    return f"load = <{address}>; entry = <{address}>; "


def source(settings, kernel, archive, setup):
    """The FIT source; setup: file with the part of the kernel's image that is loaded apart, or None."""
    images = part(settings, "kernel", "kernel", kernel, place(settings["load"])) + part(settings, "archive", "ramdisk", archive)
    use = 'kernel = "kernel"; ramdisk = "archive";'
    if setup:
        images += part(settings, "setup", "x86_setup", setup, place(settings["setup_load"]))
        use += ' setup = "setup";'
    return (f'/dts-v1/;\n/ {{\n\tdescription = "Cobnut"; #address-cells = <1>;\n\timages {{\n{images}\t}};\n'
            f'\tconfigurations {{\n\t\tdefault = "{CONFIGURATION}";\n\t\t{CONFIGURATION} {{ description = "Cobnut"; {use} }};\n\t}};\n}};\n')


def contents(path):
    """The bytes of a file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error


def make_image(settings, output, kernel, archive):
    """Writes the FIT."""
    data = contents(kernel)
    if data.startswith(b"\x7fELF"):
        raise Failure(f"{kernel} is an ELF file; U-Boot starts the flat image that the build makes beside it, kernel.bin")
    contents(archive)
    with tempfile.TemporaryDirectory() as work:
        head = settings["setup_size"]
        files = {"kernel": data[head:], "setup": data[:head], "its": source(
            settings, "kernel", os.path.abspath(archive), "setup" if head else None).encode()}
        for name, bytes_of_it in files.items():
            with open(os.path.join(work, name), "wb") as file:
                file.write(bytes_of_it)
        # relative names in the source are relative to it
        mkimage("-f", os.path.join(work, "its"), output)


def make_script(settings, output):
    """Writes the boot script in U-Boot's form."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(script(settings))
        file.flush()
        mkimage("-A", settings["arch"], "-O", "linux", "-T", "script", "-C", "none", "-n", "Cobnut", "-d", file.name, output)


def main():
    words = sys.argv[1:]
    if len(words) == 3 and words[1] == "script":
        make_script(settings_of(words[0]), words[2])
    elif len(words) == 5 and words[1] == "image":
        make_image(settings_of(words[0]), *words[2:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"fit.py: {failure}")
