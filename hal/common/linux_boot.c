/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot data of Linux's boot protocol on a PC: boot_params (Linux: Documentation/x86/zero-page.rst and boot.rst), as
 * boot loaders fill it.
 */
#include "acpi.h"
#include "platform.h"

enum {
	HEADER_MAGIC = 0x53726448, /* "HdrS" */
	PARAMS_MAP = 0x2d0,
	MAP_STRIDE = 20,
	MAP_MAX = 128,
};

/* The fields that are of use here. */
struct boot_params {
	uint8_t screen[0x70];
	uint64_t rsdp; /* from version 2.14 on; loaders leave it 0 where firmware has told them nothing */
	uint8_t disks[0x48];
	uint32_t archive_high, archive_size_high, command_line_high; /* upper halves */
	uint8_t firmware[0x11c];
	uint8_t map_entries;
	uint8_t keyboard[0x17];
	uint16_t jump;
	uint32_t magic;
	uint16_t version;
	uint8_t loader[0x10];
	uint32_t archive, archive_size;
	uint8_t heap[8];
	uint32_t command_line;
} __attribute__((packed));
_Static_assert(offsetof(struct boot_params, archive_high) == 0xc0, "zero-page.rst");
_Static_assert(offsetof(struct boot_params, map_entries) == 0x1e8, "zero-page.rst");
_Static_assert(offsetof(struct boot_params, magic) == 0x202, "boot.rst");
_Static_assert(offsetof(struct boot_params, archive) == 0x218, "boot.rst");
_Static_assert(offsetof(struct boot_params, command_line) == 0x228, "boot.rst");

static uint64_t wide(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

const char *linux_boot_read(uint32_t boot_params, struct platform *p)
{
	static struct boot_params params;
	uint64_t archive, size;
	const char *error;

	if (!firmware_read(&params, boot_params, sizeof(params)) || params.magic != HEADER_MAGIC)
		return "Linux boot protocol: no boot_params";
	if (params.map_entries > MAP_MAX)
		return "Linux boot protocol: too long a memory map";
	error = platform_memory_map(p, (uint64_t)boot_params + PARAMS_MAP, params.map_entries, MAP_STRIDE);
	if (error == NULL)
		error = platform_command_line(p, wide(params.command_line_high, params.command_line));
	archive = wide(params.archive_high, params.archive);
	size = wide(params.archive_size_high, params.archive_size);
	if (size > UINT64_MAX - archive)
		return "Linux boot protocol: the boot archive is out of reach";
	if (archive != 0)
		p->archive = (struct hal_range){archive, archive + size};
	p->rsdp = params.rsdp != 0 ? params.rsdp : acpi_search();
	return error;
}
