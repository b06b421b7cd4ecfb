/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every boot protocol of a PC tells in the same way: the memory map in e820's terms, and the command line. Everything is
 * copied; the originals lie in low memory and are not looked at again.
 */
#include "acpi.h"
#include "platform.h"

enum {
	MEMORY_RAM = 1,
	LOW_PAGE = 0x8000, /* above what firmware left there, which is copied; below its own data at 640 KiB */
};

static bool overlaps(const struct hal_range *a, const struct hal_range *b)
{
	return a->start < b->end && b->start < a->end;
}

/* RAM: whole pages. Low memory holds firmware's data, and is where other cores start: it is not handed on. */
static const char *ram_add(struct platform *p, struct hal_range range)
{
	const uint64_t mask = PAGE_SIZE - 1;
	struct range_list *ram = &p->ram;

	if (range.start <= LOW_PAGE && LOW_PAGE + PAGE_SIZE <= range.end)
		p->low_page = LOW_PAGE;
	range.start = range.start < LOW_MEMORY_END ? LOW_MEMORY_END : (range.start + mask) & ~mask;
	range.end &= ~mask;
	if (range.start >= range.end)
		return NULL;
	for (unsigned i = 0; i < ram->count; i++)
		if (overlaps(&ram->range[i], &range))
			return "the memory map has overlapping RAM";
	ram->range[ram->count++] = range;
	return NULL;
}

static const char *entry_add(struct platform *p, const struct memory_entry *entry)
{
	const uint64_t limit = p->physical_end;
	struct hal_range range;

	if (entry->size == 0 || entry->address >= limit)
		return NULL;
	range.start = entry->address;
	range.end = entry->size > limit - entry->address ? limit : entry->address + entry->size;
	if (entry->type == MEMORY_RAM)
		return ram_add(p, range);
	p->reserved.range[p->reserved.count++] = range;
	return NULL;
}

const char *platform_memory_map(struct platform *p, uint64_t map, uint32_t count, size_t stride)
{
	if (count == 0 || count > PLATFORM_RANGES)
		return "no memory map, or too long a one";
	for (uint32_t i = 0; i < count; i++) {
		struct memory_entry entry;
		const char *error;

		if (!firmware_read(&entry, map + i * stride, sizeof(entry)))
			return "the memory map is out of reach";
		error = entry_add(p, &entry);
		if (error != NULL)
			return error;
	}
	for (unsigned i = 0; i < p->reserved.count; i++)
		if (overlaps(&p->reserved.range[i], &(struct hal_range){p->low_page, p->low_page + PAGE_SIZE}))
			p->low_page = 0;
	return NULL;
}

const char *platform_command_line(struct platform *p, uint64_t address)
{
	for (unsigned i = 0; address != 0 && i < COMMAND_LINE_MAX; i++) {
		if (!firmware_read(&p->command_line[i], address + i, 1))
			return "the command line is out of reach";
		if (p->command_line[i] == '\0')
			return NULL;
	}
	p->command_line[0] = '\0';
	return address == 0 ? NULL : "the command line is too long";
}
