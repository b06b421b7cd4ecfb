/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console (the first serial port, a 16550 as firmware left it) and the end of the machine. Works from
 * the first instruction on.
 */
#include "board.h"
#include "secondary.h"
#include "x86.h"

enum {
	SERIAL_DATA = 0x3f8,
	SERIAL_LINE_STATUS = 0x3fd,
	LINE_STATUS_EMPTY = 1 << 5,
	POLL_MAX = 1 << 20, /* without a receiver a port with flow control never gets empty */

	DEBUG_EXIT = 0x501, /* QEMU's isa-debug-exit: its status is value * 2 + 1 */
	DEBUG_EXIT_OFF = 0x10,
	DEBUG_EXIT_FAIL = 0x11,
	ACPI_CONTROL = 0x604, /* PM1a_CNT of QEMU's q35 and pc */
	ACPI_SLEEP_OFF = 1 << 13,
	RESET_CONTROL = 0xcf9,
	RESET_FULL = 6,
	KEYBOARD_COMMAND = 0x64,
	KEYBOARD_RESET = 0xfe,
};

void hal_console_put(char c)
{
	for (unsigned i = 0; i < POLL_MAX && !(port_read8(SERIAL_LINE_STATUS) & LINE_STATUS_EMPTY); i++)
		;
	port_write8(SERIAL_DATA, (uint8_t)c);
}

_Noreturn void hal_stop(enum power how)
{
	secondary_stop();
	if (how == POWER_REBOOT) {
		port_write8(RESET_CONTROL, RESET_FULL);
		port_write8(KEYBOARD_COMMAND, KEYBOARD_RESET);
	} else {
		port_write32(DEBUG_EXIT, how == POWER_OFF ? DEBUG_EXIT_OFF : DEBUG_EXIT_FAIL);
		port_write16(ACPI_CONTROL, ACPI_SLEEP_OFF);
	}
	for (const struct board *b = boards_start; b < boards_end; b++)
		b->stop(how == POWER_REBOOT);
	for (;;)
		__asm__ volatile("cli; hlt");
}
