/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm's PL011 (Technical Reference Manual DDI 0183). Speed and format stay as firmware left them. */
#include "driver.h"
#include "io.h"

enum {
	DATA = 0x00,
	FLAGS = 0x18,
	LINE_CONTROL = 0x2c,
	CONTROL = 0x30,
	INTERRUPT_MASK = 0x38,
	INTERRUPT_MASKED_STATUS = 0x40,
	INTERRUPT_CLEAR = 0x44,

	FLAGS_RECEIVE_EMPTY = 1 << 4,
	FLAGS_TRANSMIT_FULL = 1 << 5,
	LINE_FIFOS = 1 << 4,
	CONTROL_ON = 1 << 0 | 1 << 8 | 1 << 9, /* UART, transmit, receive */
	INTERRUPT_RECEIVE = 1 << 4 | 1 << 6,   /* the second: less than a FIFO level, after a while */
	INTERRUPT_TRANSMIT = 1 << 5,
	INTERRUPT_ALL = 0x7ff,
	BYTE_MASK = 0xff,
};

static volatile uint8_t *registers;

static bool start(const struct console_device *device)
{
	uint32_t line;

	registers = device->registers;
	if (registers == NULL)
		return false;
	io_write32le(registers + INTERRUPT_MASK, 0);
	line = io_read32le(registers + LINE_CONTROL);
	if ((line & LINE_FIFOS) == 0) { /* may be changed only while it is off */
		io_write32le(registers + CONTROL, 0);
		io_write32le(registers + LINE_CONTROL, line | LINE_FIFOS);
	}
	io_write32le(registers + CONTROL, CONTROL_ON);
	io_write32le(registers + INTERRUPT_CLEAR, INTERRUPT_ALL);
	return true;
}

static bool receive(uint8_t *byte)
{
	if ((io_read32le(registers + FLAGS) & FLAGS_RECEIVE_EMPTY) != 0)
		return false;
	*byte = io_read32le(registers + DATA) & BYTE_MASK;
	return true;
}

static bool send(uint8_t byte)
{
	if ((io_read32le(registers + FLAGS) & FLAGS_TRANSMIT_FULL) != 0)
		return false;
	io_write32le(registers + DATA, byte);
	return true;
}

static void listen(bool more)
{
	io_write32le(registers + INTERRUPT_MASK, INTERRUPT_RECEIVE | (more ? INTERRUPT_TRANSMIT : 0));
}

static bool settle(void)
{
	uint32_t status = io_read32le(registers + INTERRUPT_MASKED_STATUS);

	io_write32le(registers + INTERRUPT_CLEAR, status);
	return status != 0;
}

static const char *const compatible[] = {"arm,pl011", NULL};
const struct driver driver_pl011 = {compatible, true, start, receive, send, listen, settle};
