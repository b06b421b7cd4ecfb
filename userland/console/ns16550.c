/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 16550 (National Semiconductor PC16550D), in memory or at I/O ports. Speed and format stay as firmware left them.
 *
 * Its interrupt may be an edge (PCs): then the line must have been low before the next one can come. So settle() is asked until
 * nothing is pending.
 */
#include "driver.h"
#include "io.h"

enum {
	DATA = 0,
	INTERRUPT_ENABLE = 1,
	INTERRUPT_IDENTIFY = 2, /* read */
	FIFO_CONTROL = 2,       /* write */
	LINE_CONTROL = 3,
	MODEM_CONTROL = 4,
	LINE_STATUS = 5,
	MODEM_STATUS = 6,

	ENABLE_RECEIVE = 1 << 0,
	ENABLE_TRANSMIT = 1 << 1,
	IDENTIFY_NONE = 1 << 0,
	FIFO_ON = 1 << 0,
	LINE_DIVISOR = 1 << 7,
	MODEM_READY = 1 << 0 | 1 << 1,
	MODEM_INTERRUPT = 1 << 3, /* PCs: the interrupt leaves the device */
	STATUS_RECEIVED = 1 << 0,
	STATUS_EMPTY = 1 << 5,
	BURST = 8, /* of 16 bytes that fit when it is empty: the kernel may write one, too */
};

static struct {
	volatile uint8_t *base; /* NULL: ports */
	word_t port;
	unsigned shift, width;
	unsigned room; /* bytes that it takes for sure */
} uart;

static uint8_t read_register(unsigned index)
{
	volatile uint8_t *at = uart.base + ((size_t)index << uart.shift);
	word_t value = 0;

	if (uart.base == NULL)
		(void)port_read(CONSOLE_REGISTERS, uart.port + ((word_t)index << uart.shift), 1, &value);
	else
		value = uart.width == 4 ? io_read32le(at) : io_read8(at);
	return (uint8_t)value;
}

static void write_register(unsigned index, uint8_t value)
{
	volatile uint8_t *at = uart.base + ((size_t)index << uart.shift);

	if (uart.base == NULL)
		(void)port_write(CONSOLE_REGISTERS, uart.port + ((word_t)index << uart.shift), 1, value);
	else if (uart.width == 4)
		io_write32le(at, value);
	else
		io_write8(at, value);
}

static bool start(const struct console_device *device)
{
	uart.base = device->registers;
	uart.port = (word_t)device->range.start;
	uart.shift = device_value(device->tree, device->node, "reg-shift", 0);
	uart.width = device_value(device->tree, device->node, "reg-io-width", 1);
	if ((uart.base == NULL && device->range.space != DEVICE_PORTS) || uart.shift > 3 || (uart.width != 1 && uart.width != 4) ||
	    (uint64_t)(MODEM_STATUS + 1) << uart.shift > device->range.size)
		return false;
	write_register(LINE_CONTROL, (uint8_t)(read_register(LINE_CONTROL) & ~LINE_DIVISOR));
	write_register(INTERRUPT_ENABLE, 0);
	write_register(FIFO_CONTROL, FIFO_ON);
	write_register(MODEM_CONTROL, MODEM_READY | MODEM_INTERRUPT);
	return true;
}

static bool receive(uint8_t *byte)
{
	if ((read_register(LINE_STATUS) & STATUS_RECEIVED) == 0)
		return false;
	*byte = read_register(DATA);
	return true;
}

static bool send(uint8_t byte)
{
	if (uart.room == 0 && (read_register(LINE_STATUS) & STATUS_EMPTY) != 0)
		uart.room = BURST;
	if (uart.room == 0)
		return false;
	uart.room--;
	write_register(DATA, byte);
	return true;
}

static void listen(bool more)
{
	uart.room = 0;
	write_register(INTERRUPT_ENABLE, more ? ENABLE_RECEIVE | ENABLE_TRANSMIT : ENABLE_RECEIVE);
}

/* Reading each register takes back what it tells. */
static bool settle(void)
{
	if ((read_register(INTERRUPT_IDENTIFY) & IDENTIFY_NONE) != 0)
		return false;
	(void)read_register(LINE_STATUS);
	(void)read_register(MODEM_STATUS);
	return true;
}

static const char *const compatible[] = {"ns16550a", "ns16550", NULL};
const struct driver driver_16550 = {compatible, true, start, receive, send, listen, settle};
