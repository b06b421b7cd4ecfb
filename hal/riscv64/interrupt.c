/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two places where the kernel lets interrupts in, and what is pending then.
 *
 * The kernel runs with sstatus.SIE = 0 always: instead of opening interrupts it looks at what is pending,
 * and wfi wakes for an enabled interrupt even then (privileged specification 3.3.3), one that was pending
 * before included. So no trap is ever taken in the kernel, and no wake-up is lost.
 */
#include "csr.h"
#include "internal.h"

void interrupt_handle(void)
{
	word_t pending = csr_read(sip) & csr_read(sie);
	if (pending & INTERRUPT_SOFTWARE)
		cores_interrupt();
	if (pending & INTERRUPT_TIMER)
		time_interrupt();
	if (pending & INTERRUPT_EXTERNAL)
		plic_interrupt();
}

void hal_preempt_window(void)
{
	interrupt_handle();
}

void hal_core_idle(void)
{
	__asm__ volatile("wfi" : : : "memory");
	interrupt_handle();
}
