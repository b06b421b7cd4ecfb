# SPDX-License-Identifier: BSD-2-Clause
"""Boot archives (cpio, newc format), for tests: reads entries, and makes an entry from name and bytes."""

FIELDS = ("ino", "mode", "uid", "gid", "nlink", "mtime", "filesize", "devmajor", "devminor", "rdevmajor", "rdevminor",
          "namesize", "check")
HEADER = 6 + 8 * len(FIELDS)
TRAILER = "TRAILER!!!"


class Entry:
    """One entry; offsets are into the archive."""

    def __init__(self, data, start):
        self.start = start
        self._header = data[start:start + HEADER]
        if self._header[:6] != b"070701":
            raise ValueError(f"no newc header at {start}")
        self.name = data[start + HEADER:start + HEADER + self.field("namesize") - 1].decode()
        self.body = (start + HEADER + self.field("namesize") + 3) & ~3
        self.size = self.field("filesize")
        self.data = data[self.body:self.body + self.size]
        self.end = (self.body + self.size + 3) & ~3

    def field(self, name):
        """A number of the header."""
        at = 6 + 8 * FIELDS.index(name)
        return int(self._header[at:at + 8], 16)


def entries(data):
    """Yields the entries of an archive, without the trailer."""
    at = 0
    while True:
        entry = Entry(data, at)
        if entry.name == TRAILER:
            return
        yield entry
        at = entry.end


def header(name, size, **fields):
    """The bytes of a header with its name, padded; fields: other values than usual."""
    values = {"mode": 0o100644, "nlink": 1, "filesize": size, "namesize": len(name) + 1, **fields}
    text = "070701" + "".join(f"{values.get(field, 0):08x}" for field in FIELDS) + name + "\0"
    return pad(text.encode())


def make(name, data):
    """An archive with one file."""
    return pack([(name, data)])


def pack(files):
    """An archive with these files: (name, bytes)."""
    return b"".join(header(name, len(data)) + pad(data) for name, data in files) + header(TRAILER, 0)


def pad(data):
    """data with zeros up to a multiple of four."""
    return data + bytes(-len(data) % 4)
