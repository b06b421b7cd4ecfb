/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counter, timer, and the two places where the kernel lets interrupts in.
 *
 * The kernel runs with sstatus.SIE = 0 always: instead of opening interrupts it looks at what is pending,
 * and wfi wakes for an enabled interrupt even then (privileged specification 3.3.3). So no trap is ever
 * taken in the kernel.
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
		csr_clear(sie, SIE_TIMER);
		return;
	}
	if (has_stimecmp)
		csr_write(CSR_STIMECMP, deadline);
	else
		sbi_set_timer(deadline);
	csr_set(sie, SIE_TIMER);
}

/* The pending bit may lag behind a new deadline, so the counter decides. */
void time_interrupt(void)
{
	if (hal_clock() < current_core->deadline)
		return;
	hal_timer_set(UINT64_MAX);
	core_timer();
}

void hal_preempt_window(void)
{
	if (csr_read(sip) & csr_read(sie))
		time_interrupt();
}

void hal_core_idle(void)
{
	__asm__ volatile("wfi" : : : "memory");
	hal_preempt_window();
}
