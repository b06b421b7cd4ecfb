/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counter and timer. The counter is the machine's, one for all cores; each core has a timer.
 */
#include "csr.h"
#include "internal.h"
#include "sbi.h"

static uint64_t clock_frequency;
static bool has_stimecmp; /* extension Sstc, and the firmware lets S-mode use it */

void time_init(uint64_t frequency)
{
	clock_frequency = frequency;
	has_stimecmp = csr_write_if_present(CSR_STIMECMP, UINT64_MAX);
}

uint64_t hal_clock(void)
{
	return csr_read(time);
}

uint64_t hal_clock_frequency(void)
{
	return clock_frequency;
}

void hal_timer_set(uint64_t deadline)
{
	current_core->deadline = deadline;
	if (deadline == UINT64_MAX) {
		csr_clear(sie, INTERRUPT_TIMER);
		return;
	}
	if (has_stimecmp)
		csr_write(CSR_STIMECMP, deadline);
	else
		sbi_set_timer(deadline);
	csr_set(sie, INTERRUPT_TIMER);
}

/* The pending bit may lag behind a new deadline, so the counter decides. */
void time_interrupt(void)
{
	if (hal_clock() < current_core->deadline)
		return;
	hal_timer_set(UINT64_MAX);
	core_timer();
}
