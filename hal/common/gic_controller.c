/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv3 as the arm64 HAL's interrupt controller: what its node in the device tree says (arm,gic-v3.yaml of the bindings).
 */
#include "arm64.h"
#include "drivers.h"
#include "gicv2m.h"
#include "gicv3.h"

#include <libfdt.h>

enum { PRIVATE_FIRST = 16 /* INTID of private peripheral interrupt 0 */ };

static void *distributor;
static uint32_t phandle, interrupt_cells;

/* In any of the regions that follow the distributor in "reg". */
static void *find_redistributor(const void *tree, int node, uint64_t affinity)
{
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

static bool add_core(const void *tree, int node, struct core *core)
{
	core->redistributor = find_redistributor(tree, node, core->affinity);
	return core->redistributor != NULL;
}

/* The controller's registers, with its translation services below it, are the kernel's. */
static void keep_devices(const void *tree, int node, struct hal_boot *boot)
{
	int child;

	keep_device(tree, node, boot);
	fdt_for_each_subnode(child, tree, node)
		keep_device(tree, child, boot);
}

static const char *init(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;

	if (!tree_reg(tree, node, 0, &range))
		return "the GICv3 has no registers in the device tree";
	distributor = kernel_map_device(range.start, range.end - range.start);
	if (!distributor)
		return "the GICv3 is out of reach";
	keep_devices(tree, node, boot);
	phandle = fdt_get_phandle(tree, node);
	tree_cell(tree, node, "#interrupt-cells", 0, &interrupt_cells);
	gicv3_init(distributor);
	gicv2m_init(tree, gicv3_interrupts(distributor), boot);
	return NULL;
}

static bool init_core(void)
{
	void *redistributor = core_self()->redistributor;

	if (!gicv3_init_core(redistributor))
		return false;
	gicv3_enable_private(redistributor, timer_interrupt());
	gicv3_enable_private(redistributor, INTERRUPT_ATTENTION);
	gicv3_enable_private(redistributor, INTERRUPT_STOP);
	return true;
}

static void send(const struct core *to, unsigned interrupt)
{
	gicv3_send(to->affinity, interrupt);
}

static void handle(void)
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

/* 1 = private, number */
static bool timer(const uint32_t *cells, unsigned count, unsigned *interrupt)
{
	if (count < 3 || cells[0] != 1 || cells[1] >= 16)
		return false;
	*interrupt = PRIVATE_FIRST + cells[1];
	return true;
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

/* 0 = shared, number, trigger. What is private to a core cannot be routed. */
static bool translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	if (controller != phandle || count != interrupt_cells || cells[0] != 0 ||
	    cells[1] >= gicv3_interrupts(distributor) - GICV3_SHARED || !trigger_from_tree(cells[2], trigger))
		return false;
	*irq = GICV3_SHARED + cells[1];
	return !gicv2m_owns(*irq);
}

/* The controller knows only rising edges and high levels: the other two are inverted on their way to it. */
static void route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	gicv3_route(distributor, irq, core_stacks[core].core.affinity,
		    trigger == HAL_TRIGGER_EDGE_RISING || trigger == HAL_TRIGGER_EDGE_FALLING);
}

static void mask(unsigned irq, bool masked)
{
	gicv3_mask(distributor, irq, masked);
}

CONTROLLER gic_controller = { "arm,gic-v3", init, add_core, init_core, send, handle, timer, translate, route, mask };
