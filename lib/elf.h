/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checking a 64-bit ELF program before it is loaded. Whatever the file's bytes are, nothing outside of them is
 * read, and a program that passes can be loaded: its segments lie in the file and in user space, do not share
 * pages, none is writable and executable, and the entry is in an executable one.
 *
 * The byte order must be that of the reader. The kernel reads the root component with it, user level everything else.
 */
#ifndef ELF_H
#define ELF_H

#include <abi/objects.h>

enum {
	ELF_IDENT_SIZE = 16,
	ELF_IDENT_CLASS = 4,
	ELF_IDENT_DATA = 5,
	ELF_IDENT_VERSION = 6,
	ELF_CLASS_64 = 2,
	ELF_DATA_LITTLE = 1,
	ELF_DATA_BIG = 2,
	ELF_VERSION = 1,
	ELF_TYPE_EXECUTABLE = 2,
	ELF_SEGMENT_LOAD = 1,
	ELF_SEGMENT_DYNAMIC = 2,
	ELF_SEGMENT_INTERPRETER = 3,
	ELF_SEGMENT_TLS = 7,
	ELF_FLAG_EXECUTE = 1,
	ELF_FLAG_WRITE = 2,
	ELF_FLAG_READ = 4,
};

/* The headers as they lie in the file, in the machine's byte order. Field names are the ELF specification's. */
struct elf_header {
	uint8_t e_ident[ELF_IDENT_SIZE];
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_version;
	uint64_t e_entry;
	uint64_t e_phoff;
	uint64_t e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize;
	uint16_t e_phentsize;
	uint16_t e_phnum;
	uint16_t e_shentsize;
	uint16_t e_shnum;
	uint16_t e_shstrndx;
};

struct elf_program_header {
	uint32_t p_type;
	uint32_t p_flags;
	uint64_t p_offset;
	uint64_t p_vaddr;
	uint64_t p_paddr;
	uint64_t p_filesz;
	uint64_t p_memsz;
	uint64_t p_align;
};

enum elf_status {
	ELF_OK = 0,
	ELF_TOO_SHORT,      /* shorter than an ELF header */
	ELF_BAD_MAGIC,
	ELF_WRONG_CLASS,    /* not 64-bit */
	ELF_WRONG_ORDER,    /* the other byte order */
	ELF_WRONG_VERSION,
	ELF_NOT_EXECUTABLE, /* no static executable: relocatable, shared, position independent or a core */
	ELF_WRONG_MACHINE,
	ELF_BAD_HEADERS,    /* program headers of a wrong size, or outside of the file */
	ELF_DYNAMIC,        /* wants an interpreter or a dynamic linker */
	ELF_TLS,            /* has thread-local storage */
	ELF_NO_SEGMENTS,    /* nothing to load */
	ELF_TOO_MANY_SEGMENTS,
	ELF_SEGMENT_FILE,   /* a segment lies outside of the file */
	ELF_SEGMENT_SIZE,   /* a segment has more bytes in the file than in memory */
	ELF_SEGMENT_RANGE,  /* a segment lies outside of user space */
	ELF_SEGMENT_ACCESS, /* a segment with no access at all */
	ELF_SEGMENT_WRITE_EXECUTE,
	ELF_SEGMENT_OVERLAP, /* two segments share a page */
	ELF_ENTRY,          /* the entry is not in an executable segment */
	ELF_STATUS_COUNT
};

enum { ELF_SEGMENTS_MAX = 8 };

/* A segment to load; its pages are those that [address, address + memory_size) touches. */
struct elf_segment {
	uint64_t address;
	uint64_t memory_size; /* bytes, not 0 */
	uint64_t offset;      /* in the file */
	uint64_t file_size;   /* bytes; the rest of memory_size is zero */
	word_t access;        /* RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE */
};

struct elf_program {
	uint64_t entry;
	size_t segments;
	struct elf_segment segment[ELF_SEGMENTS_MAX];
};

/* Reads and checks the `size` bytes at `file` (any alignment), a program for `machine` (e_machine). `low`, `high`: where segments may
   lie. Only on ELF_OK *out is complete. */
enum elf_status elf_read(const void *file, size_t size, uint16_t machine, uint64_t low, uint64_t high, struct elf_program *out);

/* The reason in words. */
const char *elf_text(enum elf_status status);

#endif
