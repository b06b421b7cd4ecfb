/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What QEMU's microvm has beside a PC's devices. Its virtio devices are only named by AML, and by a small device tree of QEMU's
 * (fw_cfg's file etc/fdt), from which they are taken. Its ACPI is hardware-reduced: two registers, which the FADT tells, end the
 * machine (ACPI 6.4, 4.8.3.6, 4.8.3.7 and 5.2.9).
 */
#include "acpi.h"
#include "board.h"
#include "fw_cfg.h"
#include "paging.h"

#include <libfdt.h>

#include <string.h>

enum {
	TREE_SIZE_MAX = 0x4000, /* of the part that is used */

	FADT_SIZE_MAX = 1024,
	FADT_LENGTH = 268, /* ACPI 5.0: with the sleep registers */
	FADT_FLAGS = 112,
	FADT_RESET_REGISTER = 116,
	FADT_RESET_VALUE = 128,
	FADT_SLEEP_CONTROL = 244,
	FLAG_HARDWARE_REDUCED = 1 << 20,

	SPACE_MEMORY = 0,
	ADDRESS_OF_REGISTER = 4, /* in a generic address structure */
	SLEEP_ENABLE = 1 << 5,
	SLEEP_TYPE_OFF = 5 << 2, /* \_S5 is AML; QEMU's value (hw/acpi/generic_event_device.c) */
};

static volatile uint8_t *reset_register, *sleep_register; /* NULL: there is none */
static uint8_t reset_value;

/* ---- virtio devices ---- */

/* QEMU leaves a megabyte of room in its tree: what is used of it, or NULL. */
static const void *read_tree(void)
{
	static _Alignas(8) uint8_t tree[TREE_SIZE_MAX];
	size_t size = fw_cfg_open("etc/fdt"), used;

	if (size < FDT_V17_SIZE)
		return NULL;
	fw_cfg_read(tree, FDT_V17_SIZE);
	if (fdt_magic(tree) != FDT_MAGIC)
		return NULL;
	used = (size_t)fdt_off_dt_struct(tree) + fdt_size_dt_struct(tree);
	if (used < (size_t)fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree))
		used = (size_t)fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree);
	if (used < FDT_V17_SIZE || used > size || used > sizeof(tree))
		return NULL;
	fw_cfg_read(tree + FDT_V17_SIZE, used - FDT_V17_SIZE);
	fdt_set_totalsize(tree, (uint32_t)used);
	return fdt_check_full(tree, sizeof(tree)) == 0 ? tree : NULL;
}

/* Addresses and sizes have two cells in this tree. */
static bool read_range(const void *tree, int node, struct hal_range *range)
{
	int length;
	const fdt64_t *reg = fdt_getprop(tree, node, "reg", &length);

	if (reg == NULL || length != 2 * (int)sizeof(*reg))
		return false;
	range->start = fdt64_ld(reg);
	range->end = range->start + fdt64_ld(reg + 1);
	return range->end > range->start;
}

static bool read_cell(const void *tree, int node, const char *name, uint32_t *value)
{
	int length;
	const fdt32_t *cell = fdt_getprop(tree, node, name, &length);

	if (cell == NULL || length < (int)sizeof(*cell))
		return false;
	*value = fdt32_ld(cell);
	return true;
}

/* The IOAPIC that ACPI and this tree both have. */
static bool find_ioapic(const struct platform *p, const void *tree, int node, unsigned *ioapic)
{
	struct hal_range range;
	uint32_t parent;

	if (!read_cell(tree, node, "interrupt-parent", &parent) ||
	    !read_range(tree, fdt_node_offset_by_phandle(tree, parent), &range))
		return false;
	for (*ioapic = 0; *ioapic < p->ioapics; ++*ioapic)
		if (p->ioapic[*ioapic].address == range.start)
			return true;
	return false;
}

static void read_transports(struct platform *p)
{
	const void *tree = read_tree();
	int node = tree == NULL ? -1 : fdt_node_offset_by_compatible(tree, -1, "virtio,mmio");

	for (; node >= 0 && p->transports < PLATFORM_TRANSPORTS; node = fdt_node_offset_by_compatible(tree, node, "virtio,mmio")) {
		struct transport *t = &p->transport[p->transports];

		if (read_range(tree, node, &t->range) && read_cell(tree, node, "interrupts", &t->input) &&
		    find_ioapic(p, tree, node, &t->ioapic))
			p->transports++;
	}
}

/* ---- ends ---- */

/* A register of one byte in memory, all of them in one page; NULL: it is not. */
static volatile uint8_t *map_register(struct platform *p, const uint8_t *address_structure)
{
	uint64_t address, page;

	memcpy(&address, address_structure + ADDRESS_OF_REGISTER, sizeof(address));
	page = address & ~(uint64_t)(PAGE_SIZE - 1);
	if (address_structure[0] != SPACE_MEMORY || address == 0 || address >= p->physical_end || (p->kept.end && p->kept.start != page))
		return NULL;
	p->kept = (struct hal_range){page, page + PAGE_SIZE};
	return (volatile uint8_t *)paging_map_device(WINDOW_BOARD, page) + (address - page);
}

static void read_ends(struct platform *p)
{
	static uint8_t fadt[FADT_SIZE_MAX];
	uint32_t flags;

	if (acpi_find("FACP", fadt, sizeof(fadt)) < FADT_LENGTH)
		return;
	memcpy(&flags, fadt + FADT_FLAGS, sizeof(flags));
	if (!(flags & FLAG_HARDWARE_REDUCED))
		return;
	reset_register = map_register(p, fadt + FADT_RESET_REGISTER);
	reset_value = fadt[FADT_RESET_VALUE];
	sleep_register = map_register(p, fadt + FADT_SLEEP_CONTROL);
}

static void stop(bool again)
{
	if (again && reset_register != NULL)
		*reset_register = reset_value;
	if (!again && sleep_register != NULL)
		*sleep_register = SLEEP_ENABLE | SLEEP_TYPE_OFF;
}

static void read(struct platform *p)
{
	read_transports(p);
	read_ends(p);
}

BOARD microvm = { read, stop };
