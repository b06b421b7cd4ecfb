/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot data of a PVH entry (Xen: public/arch-x86/hvm/start_info.h). Everything is copied; the originals lie
 * in low memory and are not looked at again.
 */
#include "acpi.h"
#include "platform.h"

enum {
	START_INFO_MAGIC = 0x336ec578,
	MEMORY_RAM = 1,
	LOW_PAGE = 0x8000, /* above what firmware left there, which is copied; below its own data at 640 KiB */
};

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t modules;
	uint64_t module_list;
	uint64_t command_line;
	uint64_t rsdp;
	uint64_t memory_map; /* from version 1 on */
	uint32_t memory_map_entries;
	uint32_t reserved;
};
_Static_assert(sizeof(struct start_info) == 56, "start_info.h");

struct module {
	uint64_t address, size, command_line, reserved;
};

struct memory_entry {
	uint64_t address, size;
	uint32_t type, reserved;
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

static const char *memory_map_read(const struct start_info *info, struct platform *p)
{
	const uint64_t limit = p->physical_end;

	if (info->version < 1 || info->memory_map_entries == 0 || info->memory_map_entries > PLATFORM_RANGES)
		return "PVH: no memory map, or too long a one";
	for (uint32_t i = 0; i < info->memory_map_entries; i++) {
		struct memory_entry entry;
		struct hal_range range;
		const char *error = NULL;

		if (!firmware_read(&entry, info->memory_map + i * sizeof(entry), sizeof(entry)))
			return "PVH: the memory map is out of reach";
		if (entry.size == 0 || entry.address >= limit)
			continue;
		range.start = entry.address;
		range.end = entry.size > limit - entry.address ? limit : entry.address + entry.size;
		if (entry.type == MEMORY_RAM)
			error = ram_add(p, range);
		else
			p->reserved.range[p->reserved.count++] = range;
		if (error != NULL)
			return error;
	}
	for (unsigned i = 0; i < p->reserved.count; i++)
		if (overlaps(&p->reserved.range[i], &(struct hal_range){p->low_page, p->low_page + PAGE_SIZE}))
			p->low_page = 0;
	return NULL;
}

static const char *command_line_read(uint64_t address, struct platform *p)
{
	for (unsigned i = 0; address != 0 && i < COMMAND_LINE_MAX; i++) {
		if (!firmware_read(&p->command_line[i], address + i, 1))
			return "PVH: the command line is out of reach";
		if (p->command_line[i] == '\0')
			return NULL;
	}
	p->command_line[0] = '\0';
	return address == 0 ? NULL : "PVH: the command line is too long";
}

static const char *archive_read(const struct start_info *info, struct platform *p)
{
	struct module module;

	if (info->modules == 0)
		return NULL;
	if (!firmware_read(&module, info->module_list, sizeof(module)) || module.size > UINT64_MAX - module.address)
		return "PVH: the module list is out of reach";
	p->archive = (struct hal_range){module.address, module.address + module.size};
	return NULL;
}

const char *pvh_read(uint32_t start_info, struct platform *p)
{
	struct start_info info;
	const char *error;

	if (!firmware_read(&info, start_info, sizeof(info)) || info.magic != START_INFO_MAGIC)
		return "PVH: no start_info";
	p->rsdp = info.rsdp;
	error = memory_map_read(&info, p);
	if (error == NULL)
		error = command_line_read(info.command_line, p);
	if (error == NULL)
		error = archive_read(&info, p);
	return error;
}
