/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of devices stand on. */
#include "device.h"

const void *machine_tree(struct builder *b)
{
	static const void *tree;
	struct memory_state state;
	uintptr_t address;

	if (tree != NULL)
		return tree;
	require(memory_query(MACHINE_TREE, &state));
	address = builder_take_addresses(b, state.size, PAGE_SIZE);
	require(build_map(b->space, MACHINE_TREE, address, RIGHT_READ, 0, state.size));
	require(devices_check((const void *)address, state.size) ? OK : ERROR_BAD_ARGUMENT);
	tree = (const void *)address;
	return tree;
}
