/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: the controller found in the device tree, and the places where the kernel lets them in.
 */
#include "arm64.h"
#include "gicv3.h"

#include <libfdt.h>

/* The redistributor of this core, in any of the regions that follow the distributor in "reg". */
static void *find_redistributor(const void *tree, int node)
{
	int length;
	const fdt32_t *property = fdt_getprop(tree, node, "#redistributor-regions", &length);
	unsigned regions = property && length == sizeof(*property) ? fdt32_to_cpu(*property) : 1;
	struct hal_range range;

	for (unsigned i = 1; i <= regions && tree_reg(tree, node, i, &range); i++) {
		void *base = kernel_map_device(range.start, range.end - range.start);
		void *found = base ? gicv3_find_redistributor(base, range.end - range.start,
							      READ_REGISTER(mpidr_el1))
				   : NULL;

		if (found)
			return found;
	}
	return NULL;
}

/* The controller's registers, with its translation services below it, are the kernel's. */
static void keep_devices(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;
	unsigned kept = 0;
	int child;

	for (unsigned i = 0; kept < HAL_RANGES_MAX && tree_reg(tree, node, i, &range); i++)
		boot->devices_kept[kept++] = range;
	fdt_for_each_subnode(child, tree, node)
		for (unsigned i = 0; kept < HAL_RANGES_MAX && tree_reg(tree, child, i, &range); i++)
			boot->devices_kept[kept++] = range;
}

const char *interrupt_init(const void *tree, struct hal_boot *boot)
{
	int node = tree_find(tree, "arm,gic-v3");
	struct hal_range range;
	void *distributor, *redistributor;

	if (node < 0 || !tree_reg(tree, node, 0, &range))
		return "no GICv3 in the device tree";
	distributor = kernel_map_device(range.start, range.end - range.start);
	redistributor = find_redistributor(tree, node);
	if (!distributor || !redistributor)
		return "the GICv3 has no redistributor for this core";
	keep_devices(tree, node, boot);
	gicv3_init(distributor);
	if (!gicv3_init_core(redistributor))
		return "the GICv3's system registers are not available";
	gicv3_enable_private(redistributor, timer_interrupt());
	return NULL;
}

void interrupt_handle(void)
{
	unsigned interrupt = gicv3_claim();

	if (interrupt >= GICV3_SPURIOUS)
		return;
	if (interrupt == timer_interrupt())
		timer_expired();
	gicv3_end(interrupt);
}

/* Opens interrupts (and SError) until the next instruction. */
static void window(void)
{
	__asm__ volatile("msr daifclr, #6\n\tisb\n\tmsr daifset, #7" : : : "memory");
}

void hal_preempt_window(void)
{
	window();
}

/* wfi ends for a pending interrupt that is masked, too: none is missed. */
void hal_core_idle(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
	window();
}
