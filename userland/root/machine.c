/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as the device tree describes it: checked with libfdt, a few facts printed. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libfdt.h> /* inline functions of others */
#pragma GCC diagnostic pop

#include "devices.h"
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

/* Does one of the ranges of a bridge have the address? */
static bool bridge_has(const void *tree, int node, uint64_t address)
{
	struct device_range window;
	uint32_t flags;
	uint64_t child;

	for (unsigned i = 0; device_bus_window(tree, node, i, &flags, &child, &window); i++)
		if (address >= window.start && address - window.start < window.size)
			return true;
	return false;
}

/* Are the bridge's own registers in the range? */
static bool bridge_configured(const void *tree, int node, uint64_t address, uint64_t size)
{
	struct device_range range;

	return device_range(tree, node, 0, &range) && range.space == DEVICE_MEMORY && range.start >= address && range.start - address < size;
}

bool machine_bridged(const struct boot_info *info, uint64_t address, uint64_t size)
{
	const void *tree = (const void *)(uintptr_t)info->tree_address;
	int node = -1;

	if (!devices_check(tree, (size_t)info->tree_size))
		return false;
	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", "pci", sizeof "pci")) >= 0)
		if (bridge_has(tree, node, address) || bridge_configured(tree, node, address, size))
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
