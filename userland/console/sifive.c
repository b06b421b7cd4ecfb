/* SPDX-License-Identifier: BSD-2-Clause */
/* SiFive's UART (FU540-C000 manual, chapter 13). Speed and format stay as firmware left them. */
#include "driver.h"
#include "io.h"

enum {
	TRANSMIT_DATA = 0x00,
	RECEIVE_DATA = 0x04,
	TRANSMIT_CONTROL = 0x08,
	RECEIVE_CONTROL = 0x0c,
	INTERRUPT_ENABLE = 0x10,
	INTERRUPT_PENDING = 0x14,

	CONTROL_ON = 1 << 0,
	CONTROL_LEVEL_SHIFT = 16,       /* it interrupts while fewer bytes wait to be sent, or more came */
	INTERRUPT_TRANSMIT = 1 << 0,
	INTERRUPT_RECEIVE = 1 << 1,
	BYTE_MASK = 0xff,
};

#define FULL_OR_EMPTY (1u << 31) /* in either data register */

static volatile uint8_t *registers;
static uint32_t enabled;

static bool start(const struct console_device *device)
{
	registers = device->registers;
	if (registers == NULL)
		return false;
	io_write32le(registers + INTERRUPT_ENABLE, 0);
	io_write32le(registers + TRANSMIT_CONTROL, CONTROL_ON | 1 << CONTROL_LEVEL_SHIFT);
	io_write32le(registers + RECEIVE_CONTROL, CONTROL_ON);
	return true;
}

static bool receive(uint8_t *byte)
{
	uint32_t data = io_read32le(registers + RECEIVE_DATA);

	*byte = data & BYTE_MASK;
	return (data & FULL_OR_EMPTY) == 0;
}

static bool send(uint8_t byte)
{
	if ((io_read32le(registers + TRANSMIT_DATA) & FULL_OR_EMPTY) != 0)
		return false;
	io_write32le(registers + TRANSMIT_DATA, byte);
	return true;
}

static void listen(bool more)
{
	enabled = INTERRUPT_RECEIVE | (more ? INTERRUPT_TRANSMIT : 0);
	io_write32le(registers + INTERRUPT_ENABLE, enabled);
}

/* Both are levels: they last until bytes were taken or sent. */
static bool settle(void)
{
	return (io_read32le(registers + INTERRUPT_PENDING) & enabled) != 0;
}

static const char *const compatible[] = {"sifive,uart0", NULL};
const struct driver driver_sifive = {compatible, true, start, receive, send, listen, settle};
