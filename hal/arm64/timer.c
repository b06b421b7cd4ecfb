/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generic timer (Arm ARM, chapter D11): the virtual counter, which user level reads too, and its
 * comparator with one deadline per core.
 */
#include "arm64.h"

#include <libfdt.h>

enum {
	TIMER_ON = 1 << 0,
	VIRTUAL_TIMER = 2, /* index in the node's "interrupts": secure, non-secure, virtual, ... */
};

static unsigned interrupt_number;
static uint64_t frequency;

const char *timer_init(const void *tree)
{
	int node = tree_find(tree, "arm,armv8-timer");
	uint32_t hertz;

	frequency = READ_REGISTER(cntfrq_el0);
	if (node < 0)
		return "no timer in the device tree";
	if (!frequency && tree_cell(tree, node, "clock-frequency", 0, &hertz)) /* firmware did not set it */
		frequency = hertz;
	if (!interrupt_of_timer(tree, node, VIRTUAL_TIMER, &interrupt_number))
		return "the device tree does not name the virtual timer's interrupt";
	return frequency ? NULL : "the timer's frequency is not known";
}

unsigned timer_interrupt(void)
{
	return interrupt_number;
}

uint64_t hal_clock(void)
{
	__asm__ volatile("isb"); /* not read earlier than the program says */
	return READ_REGISTER(cntvct_el0);
}

uint64_t hal_clock_frequency(void)
{
	return frequency;
}

void hal_timer_set(uint64_t deadline)
{
	if (deadline == UINT64_MAX) {
		WRITE_REGISTER(cntv_ctl_el0, 0);
	} else {
		WRITE_REGISTER(cntv_cval_el0, deadline);
		WRITE_REGISTER(cntv_ctl_el0, TIMER_ON);
	}
	__asm__ volatile("isb");
}

/* The line is a level that may still be seen for a moment after the deadline was moved: then this is nothing. */
void timer_expired(void)
{
	uint64_t deadline = READ_REGISTER(cntv_cval_el0);

	if (!(READ_REGISTER(cntv_ctl_el0) & TIMER_ON) || hal_clock() < deadline)
		return;
	hal_timer_set(UINT64_MAX);
	core_timer();
}
