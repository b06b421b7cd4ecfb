/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot loaders tell on a PC: PVH's start_info and Linux's boot_params, good ones, and each way to be broken. */
#include "unit.h"

#include <string.h>

#include "acpi.h"
#include "platform.h"

enum {
	MEMORY = 0x100000, /* what firmware_read reaches: from 0 on */
	INFO = 0x1000,
	MAP = 0x2000,
	TEXT = 0x3000,
	MODULE = 0x4000,
	TABLES = 0x5000, /* RSDP in the extended BIOS data area */
	PARAMS = 0x90000,
	RAM = 1,
};

static uint8_t memory[MEMORY];
static struct platform platform;

bool firmware_read(void *to, uint64_t physical, size_t length)
{
	if (physical > MEMORY || length > MEMORY - physical)
		return false;
	memcpy(to, memory + physical, length);
	return true;
}

static void put(size_t at, uint64_t value, size_t length)
{
	memcpy(memory + at, &value, length); /* little-endian, like what is tested and the machine that tests */
}

/* Entry n of a memory map. */
static void map_put(size_t map, size_t stride, unsigned n, uint64_t address, uint64_t size, uint32_t type)
{
	put(map + n * stride, address, 8);
	put(map + n * stride + 8, size, 8);
	put(map + n * stride + 16, type, 4);
}

static void map_good(size_t map, size_t stride)
{
	map_put(map, stride, 0, 0, 0x9fc00, RAM);
	map_put(map, stride, 1, 0xf0000, 0x10000, 2);
	map_put(map, stride, 2, 0x100000, 0x1ff00234, RAM);
}

/* boot_params as a boot loader makes it: zero-page.rst. */
static void params_good(void)
{
	memset(memory, 0, sizeof(memory));
	put(PARAMS + 0x70, 0x7000, 8);
	put(PARAMS + 0x1e8, 3, 1);
	put(PARAMS + 0x202, 0x53726448, 4);
	put(PARAMS + 0x206, 0x20e, 2);
	put(PARAMS + 0x218, 0x10000000, 4);
	put(PARAMS + 0x21c, 0x1234, 4);
	put(PARAMS + 0x228, TEXT, 4);
	map_good(PARAMS + 0x2d0, 20);
	strcpy((char *)memory + TEXT, "a=b c");
}

static void start_info_good(void)
{
	memset(memory, 0, sizeof(memory));
	put(INFO, 0x336ec578, 4);
	put(INFO + 4, 1, 4);
	put(INFO + 12, 1, 4);
	put(INFO + 16, MODULE, 8);
	put(INFO + 24, TEXT, 8);
	put(INFO + 32, 0x7000, 8);
	put(INFO + 40, MAP, 8);
	put(INFO + 48, 3, 4);
	put(MODULE, 0x10000000, 8);
	put(MODULE + 8, 0x1234, 8);
	map_good(MAP, 24);
	strcpy((char *)memory + TEXT, "a=b c");
}

static const char *(*read_data)(uint32_t at, struct platform *p);

static const char *read_at(uint32_t at)
{
	platform = (struct platform){.physical_end = 1ull << 40};
	return read_data(at, &platform);
}

/* Reads; whether the problem is the one that is wanted (NULL: none). */
static bool says(uint32_t at, const char *want)
{
	const char *have = read_at(at);

	return have != NULL && want != NULL ? strcmp(have, want) == 0 : have == want;
}

static void facts_are_right(uint32_t at)
{
	CHECK(says(at, NULL));
	CHECK_EQUAL(platform.ram.count, 1); /* whole pages from 1 MiB on */
	CHECK_EQUAL(platform.ram.range[0].start, 0x100000);
	CHECK_EQUAL(platform.ram.range[0].end, 0x20000000);
	CHECK_EQUAL(platform.reserved.count, 1);
	CHECK_EQUAL(platform.low_page, 0x8000);
	CHECK_EQUAL(platform.archive.start, 0x10000000);
	CHECK_EQUAL(platform.archive.end, 0x10001234);
	CHECK_EQUAL(platform.rsdp, 0x7000);
	CHECK(strcmp(platform.command_line, "a=b c") == 0);
}

static void linux_good(void)
{
	read_data = linux_boot_read;
	params_good();
	facts_are_right(PARAMS);
	put(PARAMS + 0x1fe, 0xaa55, 2); /* GRUB leaves it out, others set it */
	facts_are_right(PARAMS);
	put(PARAMS + 0xc0, 1, 4); /* the archive above 4 GiB */
	CHECK(says(PARAMS, NULL) && platform.archive.start == 0x110000000 && platform.archive.end == 0x110001234);
	put(PARAMS + 0xc0, 0, 4);
	put(PARAMS + 0x218, 0, 4);
	CHECK(says(PARAMS, NULL) && platform.archive.end == 0);
	put(PARAMS + 0x228, 0, 4);
	CHECK(says(PARAMS, NULL) && platform.command_line[0] == '\0');
}

static void linux_broken(void)
{
	read_data = linux_boot_read;
	params_good();
	CHECK(says(PARAMS + 16, "Linux boot protocol: no boot_params"));
	CHECK(says(MEMORY - 16, "Linux boot protocol: no boot_params"));
	put(PARAMS + 0x1e8, 0, 1);
	CHECK(says(PARAMS, "no memory map, or too long a one"));
	put(PARAMS + 0x1e8, 129, 1);
	CHECK(says(PARAMS, "Linux boot protocol: too long a memory map"));
	params_good();
	put(PARAMS + 0xc8, 1, 4);
	CHECK(says(PARAMS, "the command line is out of reach"));
	params_good();
	memset(memory + TEXT, 'a', COMMAND_LINE_MAX);
	CHECK(says(PARAMS, "the command line is too long"));
	params_good();
	put(PARAMS + 0xc0, UINT32_MAX, 4);
	put(PARAMS + 0xc4, 1, 4);
	CHECK(says(PARAMS, "Linux boot protocol: the boot archive is out of reach"));
}

static void linux_without_rsdp(void)
{
	static const uint8_t rsdp[20] = "RSD PTR " "\xe1"; /* the checksum makes the sum 0 */

	read_data = linux_boot_read;
	params_good();
	put(PARAMS + 0x70, 0, 8);
	CHECK(says(PARAMS, NULL) && platform.rsdp == 0);
	memcpy(memory + 0xf5430, rsdp, sizeof(rsdp));
	CHECK(says(PARAMS, NULL));
	CHECK_EQUAL(platform.rsdp, 0xf5430);
	put(0x40e, TABLES >> 4, 2);
	memcpy(memory + TABLES + 0x3f0, rsdp, sizeof(rsdp));
	CHECK(says(PARAMS, NULL));
	CHECK_EQUAL(platform.rsdp, TABLES + 0x3f0);
	memory[TABLES + 0x3f9]++; /* its checksum */
	CHECK(says(PARAMS, NULL));
	CHECK_EQUAL(platform.rsdp, 0xf5430);
}

static void pvh_good(void)
{
	read_data = pvh_read;
	start_info_good();
	facts_are_right(INFO);
	put(INFO + 12, 0, 4);
	CHECK(says(INFO, NULL) && platform.archive.end == 0);
}

static void pvh_broken(void)
{
	read_data = pvh_read;
	start_info_good();
	CHECK(says(INFO + 8, "PVH: no start_info"));
	put(INFO + 4, 0, 4);
	CHECK(says(INFO, "no memory map, or too long a one"));
	put(INFO + 4, 1, 4);
	put(INFO + 48, PLATFORM_RANGES + 1, 4);
	CHECK(says(INFO, "no memory map, or too long a one"));
	start_info_good();
	put(INFO + 40, MEMORY - 8, 8);
	CHECK(says(INFO, "the memory map is out of reach"));
	start_info_good();
	put(INFO + 16, MEMORY, 8);
	CHECK(says(INFO, "PVH: the module list is out of reach"));
}

static void maps(void)
{
	read_data = pvh_read;
	start_info_good();
	map_put(MAP, 24, 1, 0x1fffffff, 0x1000000, RAM);
	CHECK(says(INFO, NULL) && platform.ram.count == 2 && platform.ram.range[0].start == 0x20000000);
	map_put(MAP, 24, 1, 0x1ff00000, 0x1000000, RAM);
	CHECK(says(INFO, "the memory map has overlapping RAM"));
	map_put(MAP, 24, 1, UINT64_MAX - 0xfff, 0x2000, RAM); /* beyond what the processor reaches */
	CHECK(says(INFO, NULL) && platform.ram.count == 1);
	map_put(MAP, 24, 1, 1ull << 39, UINT64_MAX, RAM); /* up to there */
	CHECK(says(INFO, NULL) && platform.ram.count == 2 && platform.ram.range[0].end == 1ull << 40);
	map_put(MAP, 24, 1, 0, 0, 0);
	CHECK(says(INFO, NULL) && platform.reserved.count == 0);
	map_put(MAP, 24, 1, 0x8800, 0x100, 2); /* in the page where other cores start */
	CHECK(says(INFO, NULL) && platform.low_page == 0);
}

const struct group boot_data_group = {
	"boot_data", START_NOTHING,
	(const struct test[]){
		{"boot_params of Linux's boot protocol", linux_good},
		{"boot_params, broken", linux_broken},
		{"boot_params without an RSDP: it is searched for", linux_without_rsdp},
		{"start_info of PVH", pvh_good},
		{"start_info, broken", pvh_broken},
		{"memory maps", maps},
		{0},
	},
};
