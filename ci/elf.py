# SPDX-License-Identifier: BSD-2-Clause
"""64-bit ELF programs, for tests: fields by name, in the file's own byte order."""
import struct

HEADER = {"ei_class": (4, "B"), "ei_data": (5, "B"), "ei_version": (6, "B"), "e_type": (16, "H"), "e_machine": (18, "H"),
          "e_version": (20, "I"), "e_entry": (24, "Q"), "e_phoff": (32, "Q"), "e_phentsize": (54, "H"), "e_phnum": (56, "H")}
SEGMENT = {"p_type": (0, "I"), "p_flags": (4, "I"), "p_offset": (8, "Q"), "p_vaddr": (16, "Q"), "p_paddr": (24, "Q"),
           "p_filesz": (32, "Q"), "p_memsz": (40, "Q"), "p_align": (48, "Q")}
PT_LOAD, PT_NOTE = 1, 4


class Program:
    """An ELF file in memory; set() and set_segment() change `data`."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.order = ">" if data[5] == 2 else "<"

    def byte_order(self):
        """As int.from_bytes wants it."""
        return "big" if self.order == ">" else "little"

    def get(self, field):
        """A field of the ELF header."""
        at, form = HEADER[field]
        return struct.unpack_from(self.order + form, self.data, at)[0]

    def set(self, field, value):
        """Changes a field of the ELF header; returns self."""
        at, form = HEADER[field]
        struct.pack_into(self.order + form, self.data, at, value)
        return self

    def segments(self, kind=PT_LOAD):
        """The numbers of the program headers of a kind."""
        return [n for n in range(self.get("e_phnum")) if self.segment(n, "p_type") == kind]

    def _place(self, number, field):
        at, form = SEGMENT[field]
        return self.get("e_phoff") + number * self.get("e_phentsize") + at, form

    def segment(self, number, field):
        """A field of a program header."""
        at, form = self._place(number, field)
        return struct.unpack_from(self.order + form, self.data, at)[0]

    def set_segment(self, number, field, value):
        """Changes a field of a program header; returns self."""
        at, form = self._place(number, field)
        struct.pack_into(self.order + form, self.data, at, value)
        return self

    def notes(self):
        """Yields (name, type, descriptor) of all notes."""
        for number in self.segments(PT_NOTE):
            at = self.segment(number, "p_offset")
            end = at + self.segment(number, "p_filesz")
            while at + 12 <= end:
                name_size, size, kind = struct.unpack_from(self.order + "III", self.data, at)
                name = bytes(self.data[at + 12:at + 12 + name_size]).rstrip(b"\0").decode(errors="replace")
                at += 12 + (name_size + 3 & ~3)
                yield name, kind, bytes(self.data[at:at + size])
                at += size + 3 & ~3

    def entries(self):
        """The physical addresses at which firmware may enter this program."""
        found = set()
        for number in self.segments():
            virtual, physical, size = (self.segment(number, field) for field in ("p_vaddr", "p_paddr", "p_memsz"))
            found.add(physical)
            for base in (virtual, physical):
                if base <= self.get("e_entry") < base + size:
                    found.add(self.get("e_entry") - base + physical)
        # a note of type 18 by "Xen" names the entry of a boot protocol that goes by it
        found |= {int.from_bytes(data[:8], self.byte_order())
                  for name, kind, data in self.notes() if (name, kind) == ("Xen", 18)}
        return found
