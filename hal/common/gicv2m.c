/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts that devices raise by a write: a GICv2m frame (Server Base System Architecture, appendix E), which has a range of
 * shared interrupts of its own. Who writes does not matter to it. Translation services (ITS) are not driven.
 */
#include "arm64.h"
#include "gicv2m.h"
#include "gicv3.h"
#include "io.h"

#include <libfdt.h>

enum {
	FRAME_TYPER = 0x008,
	FRAME_SET = 0x040,
	BUSES_MAX = 8,
};

static struct {
	uint64_t physical; /* 0: there is none */
	unsigned first, count;
	uint32_t buses[BUSES_MAX]; /* phandles: the frame, and the PCI host bridges whose messages go there */
} frame;
static uint8_t taken[HAL_IRQ_COUNT];

/* Where the messages of the bus go; 0: nowhere, or to several places. */
static uint32_t message_controller(const void *tree, int node)
{
	int length;
	uint32_t phandle;

	if (tree_cell(tree, node, "msi-parent", 0, &phandle))
		return phandle;
	if (fdt_getprop(tree, node, "msi-map", &length) && length == 4 * (int)sizeof(uint32_t) &&
	    tree_cell(tree, node, "msi-map", 1, &phandle))
		return phandle;
	return 0;
}

static void find_buses(const void *tree, int frame_node)
{
	unsigned n = 0;

	frame.buses[n++] = fdt_get_phandle(tree, frame_node);
	for (int node = fdt_next_node(tree, -1, NULL); node >= 0 && n < BUSES_MAX; node = fdt_next_node(tree, node, NULL))
		if (frame.buses[0] && message_controller(tree, node) == frame.buses[0])
			frame.buses[n++] = fdt_get_phandle(tree, node);
}

void gicv2m_init(const void *tree, unsigned end, struct hal_boot *boot)
{
	int node = tree_find(tree, "arm,gic-v2m-frame");
	struct hal_range range;
	const uint8_t *registers;
	uint32_t type, number;

	if (node < 0 || !tree_reg(tree, node, 0, &range))
		return;
	keep_device(tree, node, boot);
	registers = kernel_map_device(range.start, range.end - range.start);
	if (!registers)
		return;
	type = io_read32le(registers + FRAME_TYPER);
	frame.first = tree_cell(tree, node, "arm,msi-base-spi", 0, &number) ? number : type >> 16 & 0x3ff;
	frame.count = tree_cell(tree, node, "arm,msi-num-spis", 0, &number) ? number : type & 0x3ff;
	if (frame.first < GICV3_SHARED || frame.first > end || frame.count > end - frame.first)
		return;
	find_buses(tree, node);
	frame.physical = range.start;
}

bool gicv2m_owns(unsigned irq)
{
	return frame.physical && irq - frame.first < frame.count;
}

static bool writes_here(uint32_t bus)
{
	for (unsigned i = 0; bus && i < BUSES_MAX; i++)
		if (frame.buses[i] == bus)
			return true;
	return false;
}

bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	(void)requester;
	if (!frame.physical || !writes_here(bus))
		return false;
	for (unsigned n = frame.first; n < frame.first + frame.count; n++) {
		if (taken[n])
			continue;
		taken[n] = 1;
		hal_irq_route(n, core, HAL_TRIGGER_EDGE_RISING);
		*irq = n;
		*address = frame.physical + FRAME_SET;
		*data = n;
		return true;
	}
	return false;
}

void hal_irq_message_free(unsigned irq)
{
	hal_irq_mask(irq, true);
	taken[irq] = 0;
}
