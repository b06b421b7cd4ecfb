/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first program of the boot archive, the root component: all that the kernel parses besides the device tree. The readers of both formats
 * are those of lib/; what passes them can be copied and mapped.
 */
#ifndef KERNEL_PROGRAM_H
#define KERNEL_PROGRAM_H

#include "kernel/hal.h"
#include "lib/elf.h"

struct program {
	const unsigned char *file;
	struct elf_program elf;
	uintptr_t end; /* of the highest page */
	size_t pages;  /* of all segments */
};

/* The first page of a segment, and how many it touches. */
static inline uintptr_t segment_page(const struct elf_segment *s)
{
	return s->address & ~(uintptr_t)(PAGE_SIZE - 1);
}

static inline size_t segment_pages(const struct elf_segment *s)
{
	return (s->address % PAGE_SIZE + s->memory_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Finds and checks the program. Returns NULL, or what is wrong; *where says then in what, with a colon. */
const char *program_read(const void *archive, size_t size, uintptr_t top, struct program *program, const char **where);

#endif
