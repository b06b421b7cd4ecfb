/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the HAL itself takes from the device tree: cores, interrupt controller, the counter's frequency, the
 * test device, the devices that the kernel keeps, and its command line. The tree is checked before it is read.
 */
#include "internal.h"

#include <libfdt.h>
#include <string.h>

enum { TREE_SIZE_MAX = 2 << 20 };

/* Interrupt controllers, timers, software interrupts; and what hal_stop writes to. */
static const char *const kept_devices[] = { "sifive,plic-1.0.0", "riscv,plic0", "sifive,clint0", "riscv,clint0",
	"riscv,aclint-mtimer", "riscv,aclint-mswi", "riscv,aclint-sswi", "riscv,aplic", "riscv,imsics", "sifive,test0",
	"sifive,test1" };

static uint64_t read_cells(const fdt32_t *cell, int count)
{
	uint64_t value = 0;
	for (int i = 0; i < count; i++)
		value = value << 32 | fdt32_to_cpu(cell[i]);
	return value;
}

/* The node's first `reg` range. Buses in between map addresses one to one on the machines that this serves. */
static struct hal_range device_range(const void *tree, int node)
{
	int length;
	int parent = fdt_parent_offset(tree, node);
	int address_cells = fdt_address_cells(tree, parent), size_cells = fdt_size_cells(tree, parent);
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);
	if (reg == NULL || address_cells < 1 || size_cells < 1 || length < (address_cells + size_cells) * 4)
		return (struct hal_range){ 0, 0 };
	uint64_t start = read_cells(reg, address_cells);
	return (struct hal_range){ start, start + read_cells(reg + address_cells, size_cells) };
}

static bool is_kept(const void *tree, int node)
{
	for (size_t i = 0; i < sizeof kept_devices / sizeof kept_devices[0]; i++)
		if (fdt_node_check_compatible(tree, node, kept_devices[i]) == 0)
			return true;
	return false;
}

static void keep_devices(struct hal_boot *boot)
{
	unsigned used = 0;
	for (int node = fdt_next_node(boot->tree, -1, NULL); node >= 0; node = fdt_next_node(boot->tree, node, NULL)) {
		if (!is_kept(boot->tree, node))
			continue;
		struct hal_range range = device_range(boot->tree, node);
		if (range.end <= range.start)
			continue;
		if (used == HAL_RANGES_MAX) {
			boot->firmware_error = "more devices to keep than there is room for";
			return;
		}
		boot->devices_kept[used++] = range;
		if (fdt_node_check_compatible(boot->tree, node, "sifive,test0") == 0)
			power_set_test_device(range.start);
	}
}

bool tree_option(const void *tree, const char *word)
{
	int length;
	const char *line = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", &length);
	size_t size = strlen(word);
	for (const char *end = line + length; line != NULL && line < end;) {
		const char *next = line;
		while (next < end && *next != ' ' && *next != '\0')
			next++;
		if ((size_t)(next - line) == size && memcmp(line, word, size) == 0)
			return true;
		line = next + 1;
	}
	return false;
}

/* ---- cores ---- */

static bool has_value(const void *tree, int node, const char *name, const char *value)
{
	return fdt_stringlist_search(tree, node, name, value) >= 0;
}

/* A processor that may be used and that has an MMU. */
static bool is_core(const void *tree, int node)
{
	int length;
	bool enabled = fdt_getprop(tree, node, "status", &length) == NULL || has_value(tree, node, "status", "okay") ||
		has_value(tree, node, "status", "ok");
	bool mmu = fdt_getprop(tree, node, "mmu-type", &length) != NULL && !has_value(tree, node, "mmu-type", "riscv,none");
	return enabled && mmu && has_value(tree, node, "device_type", "cpu");
}

/* The hart of a processor's node. False: it names none. */
static bool read_hart(const void *tree, int node, word_t *hart)
{
	int length, cells = fdt_address_cells(tree, fdt_parent_offset(tree, node));
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);
	if (reg == NULL || cells < 1 || cells > 2 || length < cells * 4)
		return false;
	*hart = read_cells(reg, cells);
	return true;
}

static void find_cores(const void *tree)
{
	int node;
	word_t hart;
	fdt_for_each_subnode(node, tree, fdt_path_offset(tree, "/cpus"))
		if (is_core(tree, node) && read_hart(tree, node, &hart))
			cores_add(hart);
}

/* ---- interrupt controller ---- */

/* "interrupts-extended": for each context (controller of a hart, cause); S-mode's cause is 9, 11 is M-mode's, -1 none. */
static void find_contexts(const void *tree, int plic)
{
	enum { EXTERNAL_OF_SUPERVISOR = 9 };
	int length;
	const fdt32_t *cells = fdt_getprop(tree, plic, "interrupts-extended", &length);
	for (int i = 0; cells != NULL && i + 1 < length / 4; i += 2) {
		word_t hart;
		int node = fdt_node_offset_by_phandle(tree, fdt32_to_cpu(cells[i]));
		if (fdt32_to_cpu(cells[i + 1]) != EXTERNAL_OF_SUPERVISOR || node < 0 ||
			!read_hart(tree, fdt_parent_offset(tree, node), &hart))
			continue;
		const struct hal_core *core = cores_find(hart);
		if (core != NULL)
			plic_add_context(core->number, (unsigned)i / 2);
	}
}

/* The first one; its interrupts are named by one cell. */
static void find_plic(const void *tree)
{
	int length, node = fdt_node_offset_by_compatible(tree, -1, "sifive,plic-1.0.0");
	if (node < 0)
		node = fdt_node_offset_by_compatible(tree, -1, "riscv,plic0");
	const fdt32_t *sources = fdt_getprop(tree, node, "riscv,ndev", &length);
	if (sources == NULL || length != 4)
		return;
	const fdt32_t *cells = fdt_getprop(tree, node, "#interrupt-cells", &length);
	if (cells == NULL || length != 4 || fdt32_to_cpu(*cells) != 1)
		return;
	struct hal_range range = device_range(tree, node);
	plic_init(range.start, range.end - range.start, fdt_get_phandle(tree, node), fdt32_to_cpu(*sources));
	find_contexts(tree, node);
}

/* /cpus or, in some trees, each of its nodes has the frequency. */
static uint64_t counter_frequency(const void *tree)
{
	int length, cpus = fdt_path_offset(tree, "/cpus");
	const fdt32_t *value = fdt_getprop(tree, cpus, "timebase-frequency", &length);
	if (value == NULL)
		value = fdt_getprop(tree, fdt_first_subnode(tree, cpus), "timebase-frequency", &length);
	return value != NULL && (length == 4 || length == 8) ? read_cells(value, length / 4) : 0;
}

/* Maps the tree, as much of it as its header says; the text says why there is none. */
static const char *map_tree(uint64_t physical, size_t *limit)
{
	const void *tree = hal_kernel_address(physical);
	if (physical == 0 || physical % 8 != 0 || !memory_map(physical, physical + FDT_V17_SIZE) ||
		fdt_magic(tree) != FDT_MAGIC)
		return "the firmware gave no device tree";
	*limit = fdt_totalsize(tree);
	if (*limit > TREE_SIZE_MAX)
		return "the firmware's device tree is larger than 2 MiB";
	return memory_map(physical, physical + *limit) ? NULL : "the firmware's device tree is out of reach";
}

void tree_init(struct hal_boot *boot, uint64_t physical)
{
	boot->firmware_error = map_tree(physical, &boot->tree_limit);
	if (boot->firmware_error != NULL)
		return;
	boot->tree = hal_kernel_address(physical);
	boot->tree_memory = (struct hal_range){ physical, physical + boot->tree_limit };
	if (fdt_check_full(boot->tree, boot->tree_limit) != 0) {
		boot->firmware_error = "the firmware's device tree is damaged";
		return;
	}
	keep_devices(boot);
	find_cores(boot->tree);
	find_plic(boot->tree);
	uint64_t frequency = counter_frequency(boot->tree);
	if (frequency == 0)
		boot->firmware_error = "the device tree has no timebase-frequency";
	time_init(frequency);
}
