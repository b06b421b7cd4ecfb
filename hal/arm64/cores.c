/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cores: their numbers, stacks and start. The boot core is 0, the others follow in the order of the device tree; firmware
 * knows them by affinity (MPIDR_EL1), which says nothing about the number.
 */
#include "arm64.h"
#include "drivers.h"
#include "psci.h"

#include <libfdt.h>

#include <string.h>

/* start.S, before the MMU is on: the core's TCR_EL1 and SCTLR_EL1. */
extern uint64_t secondary_control[2];
_Alignas(16) uint64_t secondary_control[2];

_Alignas(PAGE_SIZE) struct core_stack core_stacks[HAL_CORES_MAX];
static unsigned count = 1;
static const struct starter *starters[HAL_CORES_MAX];
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

/* Who starts the core of a node; NULL: nobody, or it is none. */
static const struct starter *starter_of(const void *tree, int node)
{
	int length;
	const char *type = fdt_getprop(tree, node, "device_type", &length), *method;

	if (!type || strcmp(type, "cpu") || !tree_enabled(tree, node))
		return NULL;
	method = fdt_getprop(tree, node, "enable-method", &length);
	for (const struct starter *s = starters_start; method && s < starters_end; s++)
		if (fdt_stringlist_contains(method, length, s->method))
			return s;
	return NULL;
}

/* Takes the core of a node as the next one, if it can be used. */
static void add(const void *tree, int cpus, int node)
{
	struct core *core = &core_stacks[count].core;
	const struct starter *starter = starter_of(tree, node);

	core->number = count;
	if (!starter || !cpu_affinity(tree, cpus, node, &core->affinity) || core->affinity == core_self()->affinity ||
	    !interrupt_add_core(tree, core) || !starter->take(tree, node, count))
		return;
	starters[count++] = starter;
}

void cores_init(const void *tree)
{
	int cpus = fdt_path_offset(tree, "/cpus"), node;

	fdt_for_each_subnode(node, tree, cpus)
		if (count < HAL_CORES_MAX)
			add(tree, cpus, node);
}

unsigned hal_core_count(void)
{
	return count;
}

/* ---- start and stop ---- */

void clean_to_memory(const void *address)
{
	__asm__ volatile("dc cvac, %0\n\tdsb sy" : : "r"(address) : "memory");
}

static bool take_psci(const void *tree, int node, unsigned core)
{
	(void)tree;
	(void)node;
	(void)core;
	return true;
}

static bool start_psci(unsigned core)
{
	word_t call[8] = { PSCI_CPU_ON, core_stacks[core].core.affinity, hal_physical_address(secondary_entry),
			   hal_physical_address(&core_stacks[core].core) };

	return hal_firmware(call) && (int32_t)call[0] == 0;
}

STARTER psci = { "psci", take_psci, start_psci };

bool hal_core_start(unsigned core)
{
	secondary_control[0] = READ_REGISTER(tcr_el1);
	secondary_control[1] = READ_REGISTER(sctlr_el1);
	clean_to_memory(secondary_control);
	started[core] = starters[core]->start(core);
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
