/* SPDX-License-Identifier: BSD-2-Clause */
/* The root component's file: see program.h. */
#include "kernel/program.h"
#include "lib/archive.h"

const char *program_read(const void *archive, size_t size, uintptr_t top, struct program *program, const char **where)
{
	struct archive reader;
	struct archive_entry entry;
	enum archive_status found;
	enum elf_status status;

	*program = (struct program){0};
	archive_open(&reader, archive, size);
	found = archive_next(&reader, &entry);
	*where = "boot archive: ";
	if (found != ARCHIVE_ENTRY)
		return archive_text(found);
	*where = "first program: ";
	status = elf_read(entry.data, entry.size, HAL_ELF_MACHINE, 0, top, &program->elf);
	if (status != ELF_OK)
		return elf_text(status);
	program->file = entry.data;
	for (size_t i = 0; i < program->elf.segments; i++) {
		const struct elf_segment *s = &program->elf.segment[i];
		uintptr_t end = segment_page(s) + (segment_pages(s) << PAGE_SHIFT);

		program->pages += segment_pages(s);
		if (end > program->end)
			program->end = end;
	}
	return NULL;
}
