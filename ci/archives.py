#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks that boot archives come out the same wherever and whenever they are built (TAP).

  ci/archives.py ARCHIVE... --without TEXT

No entry has a time, an inode or an owner of the build machine, and TEXT (the source directory)
is nowhere in the archive.
"""
import argparse
import os
import sys

import newc


def problems(data, text):
    """What in an archive depends on the build machine, as a list of texts."""
    found = []
    if text.encode() in data:
        at = data.index(text.encode())
        found.append(f"holds {data[at:at + 80].split(bytes(1))[0].decode(errors='replace')}")
    entries = list(newc.entries(data))
    if not entries:
        found.append("is empty")
    for number, entry in enumerate(entries):
        if entry.field("mtime") or entry.field("uid") or entry.field("gid"):
            found.append(f"{entry.name}: time or owner")
        if entry.field("ino") > len(entries):
            found.append(f"{entry.name}: inode {entry.field('ino')}")
        if entry.field("devmajor") or entry.field("devminor"):
            found.append(f"{entry.name}: device")
        if number and not entry.size:
            found.append(f"{entry.name}: empty")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="+")
    parser.add_argument("--without", required=True, metavar="TEXT")
    options = parser.parse_args()
    print(f"TAP version 13\n1..{len(options.archive)}")
    bad = 0
    for number, path in enumerate(options.archive, 1):
        with open(path, "rb") as file:
            found = problems(file.read(), options.without)
        bad += bool(found)
        print(f"{'not ' if found else ''}ok {number} - {os.path.basename(path)} depends on nothing but its sources")
        for text in found:
            print("# " + text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
