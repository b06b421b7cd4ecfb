/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking things up in the device tree, which fdt_check_full() has passed (Devicetree Specification 0.4, section 2.3).
 */
#include "arm64.h"

#include <libfdt.h>

static uint64_t read_cells(const fdt32_t *cells, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*cells++);
	return value;
}

/* From the bus of `node` to that of its parent; false: not visible there. */
static bool translate(const void *tree, int node, int parent, struct hal_range *range)
{
	int length, child_cells = fdt_address_cells(tree, node), parent_cells = fdt_address_cells(tree, parent);
	int size_cells = fdt_size_cells(tree, node), row = child_cells + parent_cells + size_cells;
	const fdt32_t *ranges = fdt_getprop(tree, node, "ranges", &length);

	if (!ranges || child_cells < 1 || child_cells > 2 || parent_cells < 1 || parent_cells > 2 || size_cells < 0 ||
	    size_cells > 2)
		return false;
	if (!length)
		return true;
	for (length /= (int)sizeof(*ranges); length >= row; length -= row, ranges += row) {
		uint64_t child = read_cells(ranges, child_cells);
		uint64_t size = read_cells(ranges + child_cells + parent_cells, size_cells);
		uint64_t target = read_cells(ranges + child_cells, parent_cells);

		if (range->start < child || range->end - child > size || range->end < child)
			continue;
		range->start = range->start - child + target;
		range->end = range->end - child + target;
		return range->end > range->start;
	}
	return false;
}

bool tree_reg(const void *tree, int node, unsigned index, struct hal_range *range)
{
	int length, bus = fdt_parent_offset(tree, node);
	int address_cells = fdt_address_cells(tree, bus), size_cells = fdt_size_cells(tree, bus);
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);
	unsigned row;

	if (!reg || address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return false;
	row = (unsigned)(address_cells + size_cells);
	if (index >= (unsigned)length / sizeof(*reg) / row)
		return false;
	reg += index * row;
	range->start = read_cells(reg, address_cells);
	range->end = range->start + read_cells(reg + address_cells, size_cells);
	if (range->end <= range->start)
		return false;
	for (int parent; (parent = fdt_parent_offset(tree, bus)) >= 0; bus = parent)
		if (!translate(tree, bus, parent, range))
			return false;
	return true;
}

void keep_device(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;
	unsigned kept = 0;

	while (kept < HAL_RANGES_MAX && boot->devices_kept[kept].end)
		kept++;
	for (unsigned i = 0; kept < HAL_RANGES_MAX && tree_reg(tree, node, i, &range); i++)
		boot->devices_kept[kept++] = range;
}

bool tree_enabled(const void *tree, int node)
{
	int length;
	const char *status = fdt_getprop(tree, node, "status", &length);

	return !status || (length > 1 && status[0] == 'o' && status[1] == 'k');
}

int tree_find(const void *tree, const char *compatible)
{
	int node = fdt_node_offset_by_compatible(tree, -1, compatible);

	while (node >= 0 && !tree_enabled(tree, node))
		node = fdt_node_offset_by_compatible(tree, node, compatible);
	return node;
}

bool tree_cell(const void *tree, int node, const char *name, unsigned index, uint32_t *value)
{
	int length;
	const fdt32_t *cells = fdt_getprop(tree, node, name, &length);

	if (!cells || length < 0 || index >= (unsigned)length / sizeof(*cells))
		return false;
	*value = fdt32_to_cpu(cells[index]);
	return true;
}
