/* SPDX-License-Identifier: BSD-2-Clause */
/* What every program that was read must be, whatever it was read from. */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include "kernel/program.h"
#include "sound.h"

enum { TOP_SHIFT = 38 };

static inline void check_segment(const struct elf_segment *s, size_t size, uint64_t top)
{
	sound(s->offset <= size && s->file_size <= size - s->offset, "a segment outside of the file");
	sound(s->memory_size && s->file_size <= s->memory_size, "a segment without memory, or with more bytes than that");
	sound(s->address < top && s->memory_size <= top - s->address, "a segment beyond the top of user space");
	sound(s->access && (~s->access & (RIGHT_WRITE | RIGHT_EXECUTE)), "a segment without access, or writable and executable");
}

/* A program from a file of `size` bytes. */
static inline void check_elf(const struct elf_program *p, size_t size)
{
	bool entry = false;

	sound(p->segments && p->segments <= ELF_SEGMENTS_MAX, "a program without segments, or with too many");
	for (size_t i = 0; i < p->segments; i++) {
		const struct elf_segment *s = &p->segment[i];

		check_segment(s, size, (uint64_t)1 << TOP_SHIFT);
		for (size_t j = 0; j < i; j++) {
			const struct elf_segment *other = &p->segment[j];

			sound(segment_page(s) + segment_pages(s) * PAGE_SIZE <= segment_page(other) ||
				      segment_page(other) + segment_pages(other) * PAGE_SIZE <= segment_page(s),
			      "segments that share a page");
		}
		entry |= s->access & RIGHT_EXECUTE && p->entry >= s->address && p->entry - s->address < s->memory_size;
	}
	sound(entry, "an entry point outside of executable segments");
}

#endif
