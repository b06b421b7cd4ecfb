/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time base is the clock; the decrementer counts down at the same rate and interrupts while it is negative
 * (Power ISA 3.0B, Book III 7.4). It is 32 bits wide, or wider if the tree says so; a deadline beyond its reach takes
 * several interrupts.
 */
#include <libfdt.h>
#include "core.h"

static uint64_t frequency = 512000000; /* every POWER9; the tree knows better */
static uint64_t decrementer_max = INT32_MAX;

uint64_t hal_clock(void)
{
	return mfspr(SPR_TB);
}

uint64_t hal_clock_frequency(void)
{
	return frequency;
}

/* A property of the first CPU node that is one or two cells. 0: it has none. */
static uint64_t cpu_property(const void *tree, const char *name)
{
	int node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "cpu", sizeof "cpu"), length;
	const void *value = node < 0 ? NULL : fdt_getprop(tree, node, name, &length);

	if (!value)
		return 0;
	return length == 8 ? fdt64_ld(value) : length == 4 ? fdt32_ld(value) : 0;
}

void time_init(const void *tree)
{
	uint64_t hz = cpu_property(tree, "ibm,extended-timebase-frequency"), bits = cpu_property(tree, "ibm,dec-bits");

	if (!hz)
		hz = cpu_property(tree, "timebase-frequency");
	if (hz)
		frequency = hz;
	if (bits > 32 && bits <= 64)
		decrementer_max = ((uint64_t)1 << (bits - 1)) - 1;
	hal_timer_set(UINT64_MAX);
}

/* Past: a negative count, which interrupts at once; QEMU lets a count of 0 wait for its own timers. */
void hal_timer_set(uint64_t deadline)
{
	uint64_t now = hal_clock(), count = UINT64_MAX;

	if (deadline > now)
		count = deadline - now < decrementer_max ? deadline - now : decrementer_max;
	this_core()->deadline = deadline;
	mtspr(SPR_DEC, count);
}

void time_interrupt(void)
{
	uint64_t deadline = this_core()->deadline;

	if (hal_clock() < deadline) {
		hal_timer_set(deadline); /* not yet; also ends the interrupt */
		return;
	}
	hal_timer_set(UINT64_MAX);
	core_timer();
}
