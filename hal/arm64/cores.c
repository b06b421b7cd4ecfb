/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cores: their numbers, stacks and start. The boot core is 0, the others follow in the order of the device tree; firmware
 * knows them by affinity (MPIDR_EL1), which says nothing about the number.
 */
#include "arm64.h"
#include "psci.h"

#include <libfdt.h>

#include <string.h>

/* start.S, before the MMU is on: the core's TCR_EL1 and SCTLR_EL1. */
extern uint64_t secondary_control[2];
_Alignas(16) uint64_t secondary_control[2];

_Alignas(PAGE_SIZE) struct core_stack core_stacks[HAL_CORES_MAX];
static unsigned count = 1;
static bool started[HAL_CORES_MAX];

/* ---- what the tree says ---- */

/* "reg" of a node in /cpus (arm/cpus.yaml of the bindings). */
static bool cpu_affinity(const void *tree, int cpus, int node, uint64_t *affinity)
{
	int cells = fdt_address_cells(tree, cpus);
	uint32_t high = 0, low;

	if (cells < 1 || cells > 2 || !tree_cell(tree, node, "reg", (unsigned)cells - 1, &low) ||
	    (cells == 2 && !tree_cell(tree, node, "reg", 0, &high)))
		return false;
	*affinity = (uint64_t)high << 32 | low;
	return true;
}

static bool started_by_psci(const void *tree, int node)
{
	int length;
	const char *type = fdt_getprop(tree, node, "device_type", &length);
	const char *method;

	if (!type || strcmp(type, "cpu") || !tree_enabled(tree, node))
		return false;
	method = fdt_getprop(tree, node, "enable-method", &length);
	return method && fdt_stringlist_contains(method, length, "psci");
}

static void add(unsigned number, uint64_t affinity, void *redistributor)
{
	struct core *core = &core_stacks[number].core;

	core->number = number;
	core->affinity = affinity;
	core->redistributor = redistributor;
}

void cores_init(const void *tree)
{
	int cpus = fdt_path_offset(tree, "/cpus"), node;
	uint64_t affinity;
	void *redistributor;

	fdt_for_each_subnode(node, tree, cpus) {
		if (count == HAL_CORES_MAX || !started_by_psci(tree, node) || !cpu_affinity(tree, cpus, node, &affinity) ||
		    affinity == core_self()->affinity)
			continue;
		redistributor = interrupt_redistributor(tree, affinity);
		if (redistributor)
			add(count++, affinity, redistributor);
	}
}

unsigned hal_core_count(void)
{
	return count;
}

/* ---- start and stop ---- */

/* The core reads memory without the MMU, past the caches. */
static void clean_to_memory(const void *address)
{
	__asm__ volatile("dc cvac, %0\n\tdsb sy" : : "r"(address) : "memory");
}

bool hal_core_start(unsigned core)
{
	word_t call[8] = { PSCI_CPU_ON, core_stacks[core].core.affinity, hal_physical_address(secondary_entry),
			   hal_physical_address(&core_stacks[core].core) };

	secondary_control[0] = READ_REGISTER(tcr_el1);
	secondary_control[1] = READ_REGISTER(sctlr_el1);
	clean_to_memory(secondary_control);
	started[core] = hal_firmware(call) && (int32_t)call[0] == 0;
	return started[core];
}

/* A core with other features than the boot core's is of no use: programs move between cores. */
struct hal_frame *secondary_main(void)
{
	if (READ_REGISTER(tcr_el1) != processor_translation_control() ||
	    READ_REGISTER(sctlr_el1) != processor_system_control())
		core_park();
	processor_init();
	hal_timer_set(UINT64_MAX);
	if (!interrupt_init_core())
		core_park();
	return core_secondary();
}

void hal_ipi(unsigned core)
{
	interrupt_send(&core_stacks[core].core, INTERRUPT_ATTENTION);
}

void cores_stop(void)
{
	for (unsigned core = 0; core < count; core++)
		if (core != hal_core_self() && (core == 0 || started[core]))
			interrupt_send(&core_stacks[core].core, INTERRUPT_STOP);
}

void core_park(void)
{
	for (;;)
		__asm__ volatile("msr daifset, #0xf\n\twfi" : : : "memory");
}
