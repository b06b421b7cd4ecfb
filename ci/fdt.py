# SPDX-License-Identifier: BSD-2-Clause
"""Flattened device trees, for tests: where the parts of a good tree lie."""
import struct

MAGIC = b"\xd0\x0d\xfe\xed"
FIELDS = ("magic", "totalsize", "off_dt_struct", "off_dt_strings", "off_mem_rsvmap", "version", "last_comp_version",
          "boot_cpuid_phys", "size_dt_strings", "size_dt_struct")
BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9


def offset(field):
    """Where a header field lies."""
    return 4 * FIELDS.index(field)


def value(tree, field):
    """The value of a header field."""
    return struct.unpack_from(">I", tree, offset(field))[0]


def properties(tree):
    """Yields (path, name, offset of the value, length)."""
    at = value(tree, "off_dt_struct")
    strings = value(tree, "off_dt_strings")
    path = []
    while True:
        token = struct.unpack_from(">I", tree, at)[0]
        at += 4
        if token == BEGIN_NODE:
            end = tree.index(b"\0", at)
            path.append(tree[at:end].decode())
            at = (end + 4) & ~3
        elif token == END_NODE:
            path.pop()
        elif token == PROPERTY:
            length, name = struct.unpack_from(">II", tree, at)
            name = tree[strings + name:tree.index(b"\0", strings + name)].decode()
            yield "/".join(path) or "/", name, at + 8, length
            at += 8 + (length + 3 & ~3)
        elif token == END:
            return


def find(tree, path, name):
    """(offset of the value, length) of a property; path like "/chosen". Fails with LookupError."""
    for where, what, at, length in properties(tree):
        if (where, what) == (path, name):
            return at, length
    raise LookupError(f"{path}/{name}")
