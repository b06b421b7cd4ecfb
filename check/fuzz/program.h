/* SPDX-License-Identifier: BSD-2-Clause */
/* What every program that was read must be, whatever it was read from. */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include "kernel/program.h"
#include "sound.h"

static inline void check_segment(const struct segment *s, const unsigned char *file, size_t size, uintptr_t top)
{
	sound(s->bytes >= file && s->size <= size && (size_t)(s->bytes - file) <= size - s->size, "a segment outside of the archive");
	sound(!(s->address % PAGE_SIZE) && s->skip < PAGE_SIZE, "a segment that does not begin in its page");
	sound(s->pages && s->pages <= (top - s->address + PAGE_SIZE - 1) / PAGE_SIZE, "a segment beyond the top of user space");
	sound(s->skip + s->size <= s->pages * PAGE_SIZE, "a segment with more bytes than pages");
	sound(s->access && (~s->access & (RIGHT_WRITE | RIGHT_EXECUTE)), "a segment without access, or writable and executable");
}

/* Reads the archive and looks at what comes out of it. */
static inline void check_program(const unsigned char *archive, size_t size)
{
	const uintptr_t top = (uintptr_t)1 << 38;
	struct program p;
	size_t pages = 0;
	bool entry = false;

	if (program_read(archive, size, top, &p))
		return;
	sound(p.count && p.count <= SEGMENTS_MAX && p.entry_found, "a program without segments, or without an entry point");
	for (unsigned i = 0; i < p.count; i++) {
		const struct segment *s = &p.segment[i];

		check_segment(s, archive, size, top);
		sound(!i || s[-1].address + s[-1].pages * PAGE_SIZE <= s->address, "segments that overlap, or are out of order");
		entry |= s->access & RIGHT_EXECUTE && p.entry >= s->address && p.entry - s->address < s->pages * PAGE_SIZE;
		pages += s->pages;
	}
	sound(entry, "an entry point outside of executable segments");
	sound(pages == p.pages && p.end == p.segment[p.count - 1].address + p.segment[p.count - 1].pages * PAGE_SIZE, "a wrong sum of pages");
}

#endif
