/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzing of the boot archive's readers: an input is the archive. The kernel reads the first entry, user level all. */
#include <stdlib.h>
#include <string.h>

#include "lib/archive.h"
#include "program.h"

static void check_first(const unsigned char *bytes, size_t size)
{
	struct program p;
	const char *where;
	size_t pages = 0;
	uintptr_t end = 0;

	if (program_read(bytes, size, (uintptr_t)1 << TOP_SHIFT, &p, &where))
		return;
	sound(p.file >= bytes && p.file <= bytes + size, "a program outside of the archive");
	check_elf(&p.elf, size - (size_t)(p.file - bytes));
	for (size_t i = 0; i < p.elf.segments; i++) {
		uintptr_t segment_end = segment_page(&p.elf.segment[i]) + segment_pages(&p.elf.segment[i]) * PAGE_SIZE;

		pages += segment_pages(&p.elf.segment[i]);
		end = segment_end > end ? segment_end : end;
	}
	sound(pages == p.pages && end == p.end, "a wrong sum of pages");
}

static void check_entries(const unsigned char *bytes, size_t size)
{
	struct archive archive;
	struct archive_entry entry;
	enum archive_status status, again;
	const unsigned char *before = bytes;

	archive_open(&archive, bytes, size);
	while ((status = archive_next(&archive, &entry)) == ARCHIVE_ENTRY) {
		sound((const unsigned char *)entry.name >= before && memchr(entry.name, 0, (size_t)((const char *)bytes + size - entry.name)),
		      "a name that does not end");
		sound(entry.data >= (const unsigned char *)entry.name && entry.size <= (size_t)(bytes + size - entry.data), "a file outside of the archive");
		before = entry.data + entry.size;
	}
	again = archive_next(&archive, &entry);
	sound(again == status, "another answer when asked again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *archive = malloc(size + !size); /* exactly as long, so that the sanitizer sees a step beyond */

	memcpy(archive, data, size);
	check_first(archive, size);
	check_entries(archive, size);
	free(archive);
	return 0;
}
