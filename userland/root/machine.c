/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as the device tree describes it: checked with libfdt, a few facts printed. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libfdt.h> /* inline functions of others */
#pragma GCC diagnostic pop

#include "print.h"
#include "root.h"

/* First string of a property of the root node, or "unknown". */
static const char *root_text(const void *tree, const char *property)
{
	int length;
	const char *text = fdt_getprop(tree, 0, property, &length);

	return text != NULL && length > 0 && text[length - 1] == '\0' ? text : "unknown";
}

static unsigned count_nodes(const void *tree)
{
	unsigned count = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
		count++;
	return count;
}

/* A number of `cells` 32-bit cells, the highest first. */
static uint64_t read_cells(const fdt32_t *cell, int cells)
{
	uint64_t value = 0;

	for (; cells > 0; cells--)
		value = value << 32 | fdt32_ld(cell++);
	return value;
}

/* Does one of the ranges of a bridge below the root node have the address? */
static bool bridge_has(const void *tree, int node, uint64_t address)
{
	int child = fdt_address_cells(tree, node), parent = fdt_address_cells(tree, 0), size = fdt_size_cells(tree, node), length;
	const fdt32_t *range = fdt_getprop(tree, node, "ranges", &length);
	int entry = child + parent + size;

	if (range == NULL || child < 0 || parent < 0 || size < 0 || entry == 0)
		return false;
	for (int left = length / (int)sizeof *range; left >= entry; left -= entry, range += entry) {
		uint64_t first = read_cells(range + child, parent), bytes = read_cells(range + child + parent, size);

		if (address >= first && address - first < bytes)
			return true;
	}
	return false;
}

bool machine_bridged(const struct boot_info *info, uint64_t address)
{
	const void *tree = (const void *)(uintptr_t)info->tree_address;
	int node = -1;

	if (fdt_check_full(tree, (size_t)info->tree_size) != 0)
		return false;
	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", "pci", sizeof "pci")) >= 0)
		if (bridge_has(tree, node, address))
			return true;
	return false;
}

const char *machine_report(const struct boot_info *info, const char *prefix)
{
	const void *tree = (const void *)(uintptr_t)info->tree_address;
	int result = fdt_check_full(tree, (size_t)info->tree_size);

	if (result != 0)
		return fdt_strerror(result);
	print("%smachine: %s (%s), %u nodes in the device tree\n", prefix, root_text(tree, "model"),
	      root_text(tree, "compatible"), count_nodes(tree));
	return NULL;
}
