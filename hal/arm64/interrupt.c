/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: the controller found in the device tree, and the places where the kernel lets them in.
 */
#include "arm64.h"
#include "gicv3.h"

#include <libfdt.h>

static void *distributor;
static uint32_t controller, controller_cells; /* phandle and #interrupt-cells */

/* In any of the regions that follow the distributor in "reg". */
void *interrupt_redistributor(const void *tree, uint64_t affinity)
{
	int node = tree_find(tree, "arm,gic-v3");
	struct hal_range range;
	uint32_t regions;

	if (!tree_cell(tree, node, "#redistributor-regions", 0, &regions))
		regions = 1;

	for (unsigned i = 1; i <= regions && tree_reg(tree, node, i, &range); i++) {
		void *base = kernel_map_device(range.start, range.end - range.start);
		void *found = base ? gicv3_find_redistributor(base, range.end - range.start, affinity) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

/* The controller's registers, with its translation services below it, are the kernel's. */
static unsigned keep_devices(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;
	unsigned kept = 0;
	int child;

	for (unsigned i = 0; kept < HAL_RANGES_MAX && tree_reg(tree, node, i, &range); i++)
		boot->devices_kept[kept++] = range;
	fdt_for_each_subnode(child, tree, node)
		for (unsigned i = 0; kept < HAL_RANGES_MAX && tree_reg(tree, child, i, &range); i++)
			boot->devices_kept[kept++] = range;
	return kept;
}

const char *interrupt_init(const void *tree, struct hal_boot *boot)
{
	int node = tree_find(tree, "arm,gic-v3");
	struct core *self = core_self();
	struct hal_range range;
	unsigned kept;

	if (node < 0 || !tree_reg(tree, node, 0, &range))
		return "no GICv3 in the device tree";
	distributor = kernel_map_device(range.start, range.end - range.start);
	self->affinity = READ_REGISTER(mpidr_el1) & AFFINITY_MASK;
	self->redistributor = interrupt_redistributor(tree, self->affinity);
	if (!distributor || !self->redistributor)
		return "the GICv3 has no redistributor for this core";
	kept = keep_devices(tree, node, boot);
	controller = fdt_get_phandle(tree, node);
	tree_cell(tree, node, "#interrupt-cells", 0, &controller_cells);
	gicv3_init(distributor);
	if (kept < HAL_RANGES_MAX)
		message_init(tree, gicv3_interrupts(distributor), &boot->devices_kept[kept]);
	hal_timer_set(UINT64_MAX);
	return interrupt_init_core() ? NULL : "the GICv3's system registers are not available";
}

bool interrupt_init_core(void)
{
	void *redistributor = core_self()->redistributor;

	if (!gicv3_init_core(redistributor))
		return false;
	gicv3_enable_private(redistributor, timer_interrupt());
	gicv3_enable_private(redistributor, INTERRUPT_ATTENTION);
	gicv3_enable_private(redistributor, INTERRUPT_STOP);
	return true;
}

void interrupt_send(const struct core *to, unsigned interrupt)
{
	gicv3_send(to->affinity, interrupt);
}

void interrupt_handle(void)
{
	unsigned interrupt = gicv3_claim();

	if (interrupt >= GICV3_SPURIOUS)
		return;
	if (interrupt == timer_interrupt())
		timer_expired();
	else if (interrupt == INTERRUPT_ATTENTION)
		core_ipi();
	else if (interrupt == INTERRUPT_STOP)
		core_park();
	else if (interrupt >= GICV3_SHARED)
		core_interrupt(interrupt);
	gicv3_end(interrupt);
}

/* The trigger of the binding's third cell; 0: left open. */
static bool trigger_from_tree(uint32_t cell, enum hal_trigger *trigger)
{
	switch (cell) {
	case 1:
		*trigger = HAL_TRIGGER_EDGE_RISING;
		return true;
	case 2:
		*trigger = HAL_TRIGGER_EDGE_FALLING;
		return true;
	case 0:
	case 4:
		*trigger = HAL_TRIGGER_LEVEL_HIGH;
		return true;
	case 8:
		*trigger = HAL_TRIGGER_LEVEL_LOW;
		return true;
	default:
		return false;
	}
}

/* Cells as in the binding (arm,gic-v3.yaml): 0 = shared, number, trigger. What is private to a core cannot be routed. */
bool hal_irq_translate(uint32_t phandle, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	if (!phandle || phandle != controller || count != controller_cells || cells[0] != 0 ||
	    cells[1] >= gicv3_interrupts(distributor) - GICV3_SHARED || !trigger_from_tree(cells[2], trigger))
		return false;
	*irq = GICV3_SHARED + cells[1];
	return !message_owns(*irq);
}

/* The controller knows only rising edges and high levels: the other two are inverted on their way to it. */
void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	gicv3_route(distributor, irq, core_stacks[core].core.affinity,
		    trigger == HAL_TRIGGER_EDGE_RISING || trigger == HAL_TRIGGER_EDGE_FALLING);
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	gicv3_mask(distributor, irq, masked);
	return true;
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
