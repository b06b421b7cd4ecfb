/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's static tables. Firmware's memory is read only through firmware_read, into buffers of ours, and
 * nothing is believed before length and checksum are right.
 */
#include "acpi.h"

#include <string.h>

enum {
	RSDP_LENGTH_1 = 20, /* revision 0; what its checksum covers in later ones too */
	RSDP_LENGTH_2 = 36,
	ROOT_ENTRIES_MAX = 128,
	BIOS_DATA_SEGMENT = 0x40e, /* where BIOS says in which segment its extended data area is */
	BIOS_START = 0xe0000,
	BIOS_END = 0x100000,
};

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct rsdp) == RSDP_LENGTH_2, "ACPI 6.4, 5.2.5.3");
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.4, 5.2.6");

static uint64_t table_address[ROOT_ENTRIES_MAX];
static unsigned table_count;

static bool sum_is_zero(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

static size_t table_read(uint64_t physical, const char signature[4], void *table, size_t size)
{
	struct acpi_header header;

	if (!firmware_read(&header, physical, sizeof(header)) || memcmp(header.signature, signature, 4) != 0)
		return 0;
	if (header.length < sizeof(header) || header.length > size)
		return 0;
	if (!firmware_read(table, physical, header.length) || !sum_is_zero(table, header.length))
		return 0;
	return header.length;
}

/* RSDT and XSDT are lists of addresses, of 4 or 8 bytes each, behind the header. Entries beyond our table are ignored. */
static bool root_read(uint64_t physical, const char signature[4], size_t entry_size)
{
	static uint8_t root[sizeof(struct acpi_header) + ROOT_ENTRIES_MAX * sizeof(uint64_t)];
	size_t length = table_read(physical, signature, root, sizeof(root));

	table_count = 0;
	for (size_t at = sizeof(struct acpi_header); at + entry_size <= length && table_count < ROOT_ENTRIES_MAX;
	     at += entry_size) {
		uint64_t address = 0;

		for (size_t i = 0; i < entry_size; i++)
			address |= (uint64_t)root[at + i] << 8 * i;
		table_address[table_count++] = address;
	}
	return table_count > 0;
}

/* Whether the RSDP's first part is at this address. */
static bool rsdp_read(struct rsdp *rsdp, uint64_t physical)
{
	return firmware_read(rsdp, physical, RSDP_LENGTH_1) && memcmp(rsdp->signature, "RSD PTR ", 8) == 0 &&
	       sum_is_zero(rsdp, RSDP_LENGTH_1);
}

/* ACPI 6.4, 5.2.5.1: in the first KiB of the extended BIOS data area, or in BIOS's read-only memory; on a 16-byte boundary. */
uint64_t acpi_search(void)
{
	struct rsdp rsdp;
	uint16_t segment = 0;

	(void)firmware_read(&segment, BIOS_DATA_SEGMENT, sizeof(segment));
	for (uint64_t at = (uint64_t)segment << 4; at < ((uint64_t)segment << 4) + 1024; at += 16)
		if (segment != 0 && rsdp_read(&rsdp, at))
			return at;
	for (uint64_t at = BIOS_START; at < BIOS_END; at += 16)
		if (rsdp_read(&rsdp, at))
			return at;
	return 0;
}

bool acpi_open(uint64_t physical)
{
	struct rsdp rsdp;

	table_count = 0;
	if (physical == 0 || !rsdp_read(&rsdp, physical))
		return false;
	if (rsdp.revision >= 2) {
		if (!firmware_read(&rsdp, physical, RSDP_LENGTH_2) || !sum_is_zero(&rsdp, RSDP_LENGTH_2))
			return false;
		if (rsdp.xsdt != 0 && root_read(rsdp.xsdt, "XSDT", sizeof(uint64_t)))
			return true;
	}
	return rsdp.rsdt != 0 && root_read(rsdp.rsdt, "RSDT", sizeof(uint32_t));
}

size_t acpi_find(const char signature[4], void *table, size_t size)
{
	for (unsigned i = 0; i < table_count; i++) {
		size_t length = table_read(table_address[i], signature, table, size);

		if (length > 0)
			return length;
	}
	return 0;
}
