/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first program of the boot archive (cpio newc) and its ELF file: all of both that the kernel parses.
 * Nothing is trusted: every field is checked against the bytes that are there.
 */
#ifndef KERNEL_PROGRAM_H
#define KERNEL_PROGRAM_H

#include "kernel/hal.h"

enum { SEGMENTS_MAX = 8 };

struct segment {
	uintptr_t address; /* user, page aligned */
	size_t skip;       /* bytes before the first one of the file, in its first page */
	size_t pages;
	const unsigned char *bytes;
	size_t size;       /* of bytes */
	unsigned access;
};

struct program {
	uintptr_t entry, end;
	size_t pages;      /* of all segments */
	bool entry_found;  /* the entry point lies in an executable segment */
	unsigned count;
	struct segment segment[SEGMENTS_MAX]; /* in ascending order of address, no page shared */
};

/* Finds and checks the program. Returns NULL, or what is wrong. */
const char *program_read(const void *archive, size_t size, uintptr_t top, struct program *program);

#endif
