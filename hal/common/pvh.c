/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot data of a PVH entry (Xen: public/arch-x86/hvm/start_info.h). Everything is copied; the originals lie
 * in low memory and are not looked at again.
 */
#include "acpi.h"
#include "platform.h"

enum {
	START_INFO_MAGIC = 0x336ec578,
	MAP_STRIDE = 24,
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
	error = platform_memory_map(p, info.memory_map, info.version < 1 ? 0 : info.memory_map_entries, MAP_STRIDE);
	if (error == NULL)
		error = platform_command_line(p, info.command_line);
	if (error == NULL)
		error = archive_read(&info, p);
	return error;
}
