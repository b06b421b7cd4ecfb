/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SBI firmware: console, timer, harts, end. Works from the first instruction on, with the MMU on or off.
 */
#include "sbi.h"
#include "kernel/hal.h"

enum extension {
	LEGACY_CONSOLE_PUTCHAR = 1,
	LEGACY_SHUTDOWN = 8,
	BASE = 0x10,
	TIME = 0x54494d45,
	IPI = 0x735049,
	RFENCE = 0x52464e43,
	HART_STATE = 0x48534d,
	SYSTEM_RESET = 0x53525354,
};
enum { BASE_PROBE = 3 };
enum { RFENCE_CODE = 0 };

#define ALL_HARTS (~(word_t)0) /* as the base of a mask (3.1) */

/* Chapter 3: extension in a7, function in a6, arguments in a0-a5; only a0 (the error) and a1 change. */
bool hal_firmware(word_t regs[8])
{
	register word_t a0 __asm__("a0") = regs[0];
	register word_t a1 __asm__("a1") = regs[1];
	register word_t a2 __asm__("a2") = regs[2];
	register word_t a3 __asm__("a3") = regs[3];
	register word_t a4 __asm__("a4") = regs[4];
	register word_t a5 __asm__("a5") = regs[5];
	register word_t a6 __asm__("a6") = regs[6];
	register word_t a7 __asm__("a7") = regs[7];
	__asm__ volatile("fence\n\tecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
			 : "memory");
	regs[0] = a0;
	regs[1] = a1;
	return true;
}

static word_t call(enum extension extension, word_t function, word_t a0, word_t a1, word_t a2, word_t a3, word_t a4)
{
	word_t regs[8] = { a0, a1, a2, a3, a4, 0, function, extension };
	(void)hal_firmware(regs);
	return regs[0];
}

/* ---- console, timer, end ---- */

void hal_console_put(char c)
{
	(void)call(LEGACY_CONSOLE_PUTCHAR, 0, (unsigned char)c, 0, 0, 0, 0);
}

void sbi_set_timer(uint64_t deadline)
{
	(void)call(TIME, 0, deadline, 0, 0, 0, 0);
}

void sbi_system_reset(enum sbi_reset type, enum sbi_reset_reason reason)
{
	(void)call(SYSTEM_RESET, 0, type, reason, 0, 0, 0);
}

void sbi_shutdown(void)
{
	(void)call(LEGACY_SHUTDOWN, 0, 0, 0, 0, 0, 0);
}

/* ---- harts ---- */

static bool has_extension(enum extension extension)
{
	word_t regs[8] = { extension, 0, 0, 0, 0, 0, BASE_PROBE, BASE };
	(void)hal_firmware(regs);
	return regs[0] == 0 && regs[1] != 0;
}

bool sbi_has_cores(void)
{
	return has_extension(HART_STATE) && has_extension(IPI) && has_extension(RFENCE);
}

bool sbi_start_hart(word_t hart, uint64_t address, word_t argument)
{
	return call(HART_STATE, 0, hart, address, argument, 0, 0) == 0;
}

void sbi_interrupt_hart(word_t hart)
{
	(void)call(IPI, 0, 1, hart, 0, 0, 0);
}

void sbi_interrupt_all(void)
{
	(void)call(IPI, 0, 0, ALL_HARTS, 0, 0, 0);
}

void sbi_fence_code(void)
{
	(void)call(RFENCE, RFENCE_CODE, 0, ALL_HARTS, 0, 0, 0);
}

/* ---- ports: no such thing ---- */

bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write)
{
	(void)port;
	(void)width;
	(void)value;
	(void)write;
	return false;
}
