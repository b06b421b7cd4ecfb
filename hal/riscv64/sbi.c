/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SBI firmware: console, timer, end. Works from the first instruction on, with the MMU on or off.
 */
#include "sbi.h"
#include "kernel/hal.h"

enum {
	SBI_LEGACY_CONSOLE_PUTCHAR = 1,
	SBI_LEGACY_SHUTDOWN = 8,
	SBI_TIME = 0x54494d45,
	SBI_SYSTEM_RESET = 0x53525354,
};

/* Chapter 3: extension in a7, function in a6; only a0 and a1 change. */
static void sbi_call(word_t extension, word_t function, word_t first, word_t second)
{
	register word_t a0 __asm__("a0") = first;
	register word_t a1 __asm__("a1") = second;
	register word_t a6 __asm__("a6") = function;
	register word_t a7 __asm__("a7") = extension;
	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
}

void hal_console_put(char c)
{
	sbi_call(SBI_LEGACY_CONSOLE_PUTCHAR, 0, (unsigned char)c, 0);
}

void sbi_set_timer(uint64_t deadline)
{
	sbi_call(SBI_TIME, 0, deadline, 0);
}

void sbi_system_reset(enum sbi_reset type, enum sbi_reset_reason reason)
{
	sbi_call(SBI_SYSTEM_RESET, 0, type, reason);
	if (type == SBI_RESET_SHUTDOWN)
		sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0);
}
