/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's console is OPAL's; without OPAL, the 16550 at EARLYCON, as OPAL has left it. And the end of the machine, which OPAL brings
 * about some time after it was asked to, and of which nobody outside learns more than the last line says.
 */
#include <libfdt.h>
#include <kernel/hal.h>
#include "ending.h"
#include "opal.h"
#include "processor.h"

enum { UART_STATUS = 5, UART_STATUS_ROOM = 1 << 5 };

/* Uncached accesses to a real address are hypervisor real mode's (Power ISA 3.0B, Book III 4.4.1): data translation is off for one. */
static uint8_t uart_read(uint64_t address)
{
	uint64_t msr, value;

	__asm__ volatile("mfmsr %0; andc %1, %0, %2; mtmsrd %1; isync; lbzcix %1, 0, %3; mtmsrd %0; isync"
			 : "=&r"(msr), "=&r"(value)
			 : "r"((uint64_t)MSR_DR), "r"(address)
			 : "memory");
	return (uint8_t)value;
}

static void uart_write(uint64_t address, uint8_t value)
{
	uint64_t msr, real;

	__asm__ volatile("mfmsr %0; andc %1, %0, %2; mtmsrd %1; isync; stbcix %3, 0, %4; mtmsrd %0; isync"
			 : "=&r"(msr), "=&r"(real)
			 : "r"((uint64_t)MSR_DR), "r"(value), "r"(address)
			 : "memory");
}

static void early_put(char c)
{
	if (!EARLYCON)
		return;
	while (!(uart_read(EARLYCON + UART_STATUS) & UART_STATUS_ROOM))
		;
	uart_write(EARLYCON, (uint8_t)c);
}

/* What OPAL takes it may keep in a buffer: OPAL_CONSOLE_FLUSH makes it go on. */
static void flush(void)
{
	int64_t status;

	do
		status = opal(OPAL_CONSOLE_FLUSH, 0, 0, 0, 0);
	while (status == OPAL_BUSY || status == OPAL_BUSY_EVENT || status == OPAL_PARTIAL);
}

void hal_console_put(char c)
{
	fdt64_t length;
	int64_t status;

	if (!opal_is_there()) {
		early_put(c);
		return;
	}
	do {
		length = cpu_to_fdt64(1);
		status = opal(OPAL_CONSOLE_WRITE, 0, hal_physical_address(&length), hal_physical_address(&c), 0);
		if (status == OPAL_BUSY || status == OPAL_BUSY_EVENT)
			(void)opal_events();
	} while (status == OPAL_BUSY || status == OPAL_BUSY_EVENT || (status == OPAL_SUCCESS && !length));
	flush();
}

_Noreturn void hal_stop(enum power how)
{
	ending_say(how);
	while (opal(how == POWER_REBOOT ? OPAL_CEC_REBOOT : OPAL_CEC_POWER_DOWN, 0, 0, 0, 0) == OPAL_BUSY_EVENT)
		(void)opal_events();
	for (;;)
		(void)opal_events();
}
