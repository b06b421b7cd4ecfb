/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: the controller's driver, which the device tree chooses, and the places where the kernel lets them in.
 */
#include "arm64.h"
#include "drivers.h"

static const struct controller *controller;
static int controller_node;

const char *interrupt_find(const void *tree)
{
	for (controller = controllers_start; controller < controllers_end; controller++) {
		controller_node = tree_find(tree, controller->compatible);
		if (controller_node >= 0)
			return NULL;
	}
	return "no interrupt controller in the device tree that this kernel has a driver for";
}

const char *interrupt_init(const void *tree, struct hal_boot *boot)
{
	const char *missing = controller->init(tree, controller_node, boot);
	struct core *self = core_self();

	if (missing)
		return missing;
	self->affinity = READ_REGISTER(mpidr_el1) & AFFINITY_MASK;
	if (!interrupt_add_core(tree, self))
		return "the interrupt controller does not serve this core";
	hal_timer_set(UINT64_MAX);
	return interrupt_init_core() ? NULL : "the interrupt controller's registers of this core are not available";
}

bool interrupt_add_core(const void *tree, struct core *core)
{
	return controller->add_core(tree, controller_node, core);
}

bool interrupt_init_core(void)
{
	return controller->init_core();
}

bool interrupt_of_timer(const void *tree, int node, unsigned index, unsigned *interrupt)
{
	uint32_t count, cells[4];

	if (!tree_cell(tree, controller_node, "#interrupt-cells", 0, &count) || count < 1 || count > 4)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!tree_cell(tree, node, "interrupts", index * count + i, &cells[i]))
			return false;
	return controller->timer(cells, count, interrupt);
}

void interrupt_send(const struct core *to, unsigned interrupt)
{
	controller->send(to, interrupt);
}

void interrupt_handle(void)
{
	controller->handle();
}

bool hal_irq_translate(uint32_t phandle, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	return phandle && controller->translate(phandle, cells, count, irq, trigger);
}

void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	controller->route(irq, core, trigger);
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	controller->mask(irq, masked);
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
