/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree, read with libfdt. */
#include "kernel/tree.h"

#include <libfdt.h>

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE_SIZE - 1);
}

static uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

/* A number of `cells` 32-bit cells. */
static uint64_t read_cells(const fdt32_t *cell, int cells)
{
	uint64_t value = 0;

	while (cells-- > 0)
		value = value << 32 | fdt32_ld(cell++);
	return value;
}

/* Calls add() for every (address, size) of a node's reg. */
static const char *for_each_reg(const void *tree, int node, int parent, struct machine *machine,
				const char *(*add)(struct machine *, uint64_t, uint64_t))
{
	int address_cells = fdt_address_cells(tree, parent), size_cells = fdt_size_cells(tree, parent), length;
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);
	const char *problem = NULL;

	if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return "#address-cells or #size-cells of a memory node's parent is not 1 or 2";
	if (!reg)
		return NULL; /* reserved-memory may ask for a size only: nothing to keep free */
	for (int entry = 4 * (address_cells + size_cells); !problem && length >= entry; length -= entry) {
		uint64_t start = read_cells(reg, address_cells), size = read_cells(reg + address_cells, size_cells);

		if (start + size < start)
			return "a memory node's reg wraps around the end of the address space";
		problem = add(machine, start, start + size);
		reg += address_cells + size_cells;
	}
	return problem;
}

static const char *add_ram(struct machine *machine, uint64_t start, uint64_t end)
{
	start = page_up(start);
	end = page_down(end);
	return ranges_add(&machine->ram, start, end) ? NULL : "too many memory ranges";
}

static const char *add_reserved(struct machine *machine, uint64_t start, uint64_t end)
{
	return ranges_add(&machine->reserved, page_down(start), page_up(end)) ? NULL : "too many reserved ranges";
}

static const char *read_memory(const void *tree, struct machine *machine)
{
	const char *problem = NULL;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", "memory", sizeof("memory"))) >= 0) {
		problem = for_each_reg(tree, node, fdt_parent_offset(tree, node), machine, add_ram);
		if (problem)
			return problem;
	}
	return machine->ram.count ? NULL : "no memory node";
}

static const char *read_reserved(const void *tree, struct machine *machine)
{
	int parent = fdt_path_offset(tree, "/reserved-memory"), node;
	const char *problem = NULL;

	for (int i = 0; !problem && i < fdt_num_mem_rsv(tree); i++) {
		uint64_t start, size;

		if (fdt_get_mem_rsv(tree, i, &start, &size) || start + size < start)
			return "a memory reservation is not valid";
		problem = add_reserved(machine, start, start + size);
	}
	if (parent < 0)
		return problem;
	for (node = fdt_first_subnode(tree, parent); !problem && node >= 0; node = fdt_next_subnode(tree, node))
		problem = for_each_reg(tree, node, parent, machine, add_reserved);
	return problem;
}

static bool read_chosen(const void *tree, int chosen, const char *name, uint64_t *value)
{
	int length;
	const fdt32_t *cell = fdt_getprop(tree, chosen, name, &length);

	if (!cell || (length != 4 && length != 8))
		return false;
	*value = read_cells(cell, length / 4);
	return true;
}

static const char *read_archive(const void *tree, struct machine *machine)
{
	struct hal_range *archive = &machine->archive;
	int chosen = fdt_path_offset(tree, "/chosen");

	if (chosen < 0 || !read_chosen(tree, chosen, "linux,initrd-start", &archive->start) ||
	    !read_chosen(tree, chosen, "linux,initrd-end", &archive->end))
		return "no boot archive: /chosen has no linux,initrd-start and linux,initrd-end";
	if (!ranges_contain(&machine->ram, archive->start, archive->end))
		return "boot archive is empty or not in memory";
	return NULL;
}

/* libfdt reads the tree's blocks as aligned words without a look at where they begin. */
static bool is_aligned(const void *tree)
{
	return !(fdt_off_dt_struct(tree) % sizeof(fdt32_t) | fdt_off_mem_rsvmap(tree) % sizeof(fdt64_t));
}

const char *tree_read(const struct hal_boot *boot, struct machine *machine)
{
	const char *problem;

	if (boot->firmware_error)
		return boot->firmware_error;
	if (!boot->tree)
		return "no device tree from the firmware";
	if (boot->tree_limit < sizeof(struct fdt_header) || fdt_magic(boot->tree) != FDT_MAGIC)
		return "device tree: bad magic number";
	if (fdt_totalsize(boot->tree) > TREE_SIZE_MAX)
		return "device tree: larger than 2 MiB";
	if (fdt_totalsize(boot->tree) > boot->tree_limit)
		return "device tree: truncated, or not inside of memory";
	if (!is_aligned(boot->tree) || fdt_check_full(boot->tree, fdt_totalsize(boot->tree)))
		return "device tree: damaged";
	problem = read_memory(boot->tree, machine);
	if (!problem)
		problem = read_reserved(boot->tree, machine);
	return problem ? problem : read_archive(boot->tree, machine);
}

size_t tree_pack(void *tree)
{
	size_t reserved = fdt_off_mem_rsvmap(tree) + ((size_t)fdt_num_mem_rsv(tree) + 1) * sizeof(struct fdt_reserve_entry);

	if (reserved <= fdt_off_dt_struct(tree)) /* fdt_pack relies on that; old versions and other orders it leaves as they are */
		(void)fdt_pack(tree);
	return fdt_totalsize(tree);
}
