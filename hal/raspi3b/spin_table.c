/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cores that wait for an address at the place that their node names (Devicetree Specification 0.4, section 3.8.1; Linux's
 * Documentation/arch/arm64/booting): they jump there in the state that start.S expects, but know nothing of their struct core.
 */
#include "arm64.h"
#include "drivers.h"

extern const char spin_table_entry[]; /* spin_table_entry.S */

/* It looks its core up here: affinity and struct core (physical). Nobody writes what is filled. */
extern struct spin_table_core {
	uint64_t affinity, core;
} spin_table_cores[HAL_CORES_MAX];
_Alignas(16) struct spin_table_core spin_table_cores[HAL_CORES_MAX];

/* Not cached, as it is for the core that waits: little-endian, as the binding has it. */
static volatile uint64_t *release[HAL_CORES_MAX];

static bool take(const void *tree, int node, unsigned core)
{
	uint32_t high, low;

	if (!tree_cell(tree, node, "cpu-release-addr", 0, &high) || !tree_cell(tree, node, "cpu-release-addr", 1, &low))
		return false;
	release[core] = kernel_map_device((uint64_t)high << 32 | low, sizeof(uint64_t));
	return release[core] != NULL;
}

static bool start(unsigned core)
{
	struct spin_table_core *entry = &spin_table_cores[core];

	*entry = (struct spin_table_core){ core_stacks[core].core.affinity, hal_physical_address(&core_stacks[core].core) };
	clean_to_memory(entry);
	*release[core] = hal_physical_address(spin_table_entry);
	__asm__ volatile("dsb sy\n\tsev" : : : "memory");
	return true;
}

STARTER spin_table = { "spin-table", take, start };
