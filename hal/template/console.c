/* SPDX-License-Identifier: BSD-2-Clause */
/* Console and end, to replace: the first that a port has. Here by SBI's legacy calls (chapter 5), which need no set-up at all. */
#include "kernel/hal.h"

enum { CONSOLE_PUTCHAR = 1, SHUTDOWN = 8 };

static void firmware(word_t function, word_t argument)
{
	register word_t a0 __asm__("a0") = argument;
	register word_t a7 __asm__("a7") = function;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
}

void hal_console_put(char c)
{
	firmware(CONSOLE_PUTCHAR, (uint8_t)c);
}

_Noreturn void hal_stop(enum power how)
{
	(void)how; /* this call does not tell failure from success: the guide says what a port needs */
	firmware(SHUTDOWN, 0);
	for (;;)
		;
}
