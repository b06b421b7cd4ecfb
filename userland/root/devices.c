/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of single devices, cut out of the large Untypeds that the kernel made of everything outside of RAM. */
#include "devices.h"
#include "machine.h"
#include "print.h"
#include "root.h"

/* The largest power of two that `from` is a multiple of, and that is not more than `most`. */
static uint64_t step(uint64_t from, uint64_t most)
{
	uint64_t size = (uint64_t)1 << 63;

	while (from % size != 0 || size > most)
		size /= 2;
	return size;
}

/* The Untyped's free part begins at `to` afterwards: what is below goes into smaller Untypeds that nobody gets. */
static enum error skip(struct root *root, handle_t untyped, uint64_t from, uint64_t to)
{
	handle_t slot = builder_take_slots(&root->builder, 1);
	enum error error = slot != HANDLE_NONE ? OK : ERROR_NO_MEMORY;

	while (error == OK && from < to) {
		uint64_t size = step(from, to - from);

		error = untyped_create(untyped, KIND_UNTYPED, (word_t)size, 1, 0, slot);
		if (error == OK)
			error = space_delete(BOOT_SPACE, slot);
		from += size;
	}
	builder_put_slots(&root->builder, slot, 1);
	return error;
}

/* The device Untyped whose free part has the range, but not the one that `devices` stands for. Its free part begins at *begin. */
static handle_t find(const struct root *root, uint64_t address, size_t size, uint64_t *begin)
{
	for (uint32_t i = 0; i < root->info->untyped_count; i++) {
		const struct boot_untyped *u = &root->info->untyped[i];
		struct untyped_state state;

		if (u->device == 0 || BOOT_UNTYPED + i == root->devices || address < u->address || address - u->address >= u->size ||
		    untyped_query(BOOT_UNTYPED + i, &state) != OK)
			continue;
		*begin = u->address + (state.size - state.free);
		if (address >= *begin && size <= u->address + u->size - address)
			return BOOT_UNTYPED + i;
	}
	return HANDLE_NONE;
}

enum error devices_memory(struct root *root, uint64_t address, size_t size, handle_t *out)
{
	uint64_t begin;
	handle_t untyped = find(root, address, size, &begin);
	enum error error = untyped != HANDLE_NONE ? skip(root, untyped, begin, address) : ERROR_BAD_ARGUMENT;

	*out = HANDLE_NONE;
	if (error != OK)
		return error;
	*out = builder_take_slots(&root->builder, 1);
	error = *out != HANDLE_NONE ? untyped_create(untyped, KIND_MEMORY, size, 1, MEMORY_DEVICE, *out) : ERROR_NO_MEMORY;
	if (error != OK) {
		builder_put_slots(&root->builder, *out, 1);
		*out = HANDLE_NONE;
	}
	return error;
}

/* The Memory of a range, in whole pages. */
static enum error range_memory(struct root *root, const struct device_range *range, handle_t *out)
{
	uint64_t first = range->start & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t end = (range->start + range->size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

	return devices_memory(root, first, (size_t)(end - first), out);
}

static void prepare_console(struct root *root, const void *tree)
{
	int node = device_console(tree);
	struct device_range range;

	if (device_make_access(&root->builder, BOOT_SYSTEM, tree, node, 0, &root->console) == ERROR_WRONG_KIND &&
	    device_range(tree, node, 0, &range) && range.space == DEVICE_MEMORY)
		(void)range_memory(root, &range, &root->console);
}

static void prepare_transport(struct root *root, const void *tree)
{
	static const char *const transports[] = {"virtio,mmio", NULL};
	struct device_range range;

	if (device_range(tree, device_find(tree, transports, -1), 0, &range) && range.space == DEVICE_MEMORY)
		(void)range_memory(root, &range, &root->transport);
}

/* Firmware for the calls of a Power partition's PCI configuration services (H_RTAS). */
static void prepare_services(struct root *root)
{
	enum { RTAS = 0xf000 };

	root->configuration = builder_take_slots(&root->builder, 1);
	if (root->configuration == HANDLE_NONE || system_firmware(BOOT_SYSTEM, RTAS, RTAS, root->configuration) == OK)
		return;
	builder_put_slots(&root->builder, root->configuration, 1);
	root->configuration = HANDLE_NONE;
}

/* The start of the first window for 32-bit memory. */
static bool find_window(const void *tree, int bridge, uint64_t *start)
{
	enum { SPACE_MASK = 3 << 24, SPACE_MEMORY32 = 2 << 24 };
	struct device_range window;
	uint32_t flags;
	uint64_t child;

	for (unsigned i = 0; device_bus_window(tree, bridge, i, &flags, &child, &window); i++)
		if ((flags & SPACE_MASK) == SPACE_MEMORY32 && window.size >= MACHINE_WINDOW_SIZE) {
			*start = window.start;
			return true;
		}
	return false;
}

/* Both may lie in one Untyped: the lower one first. */
static void prepare_pci(struct root *root, const void *tree)
{
	static const char *const bridges[] = {"pci-host-ecam-generic", "IBM,Logical_PHB", NULL};
	enum { BUS_SIZE = 1 << 20 };
	int node = device_find(tree, bridges, -1);
	struct device_range range;
	uint64_t window;
	bool memory;

	if (node < 0 || !device_range(tree, node, 0, &range) || !find_window(tree, node, &window))
		return;
	memory = range.space == DEVICE_MEMORY && range.size >= BUS_SIZE;
	if (memory && range.start < window)
		(void)devices_memory(root, range.start, BUS_SIZE, &root->configuration);
	(void)devices_memory(root, window, MACHINE_WINDOW_SIZE, &root->window);
	if (memory && range.start > window)
		(void)devices_memory(root, range.start, BUS_SIZE, &root->configuration);
	if (device_compatible(tree, node, bridges[1]))
		prepare_services(root);
}

void devices_prepare(struct root *root)
{
	const void *tree = (const void *)(uintptr_t)root->info->tree_address;

	if (!devices_check(tree, (size_t)root->info->tree_size))
		return;
	prepare_console(root, tree);
	prepare_transport(root, tree);
	prepare_pci(root, tree);
}
