/* SPDX-License-Identifier: BSD-2-Clause */
/* A console of OPAL, the firmware of bare POWER machines: calls that move bytes through memory (skiboot's doc/opal-api/). */
#include "driver.h"

enum { CONSOLE_WRITE_CALL = 1, CONSOLE_READ_CALL = 2, SUCCESS = 0, BYTES_MAX = 64 };

/* What OPAL reads and writes. The length is big-endian, and fits the last byte. */
static volatile struct exchange {
	uint8_t length[8];
	uint8_t in[BYTES_MAX];
	uint8_t out;
} *exchange;

static word_t unit, physical;
static unsigned came_count, came_at;

static bool start(const struct console_device *device)
{
	handle_t memory;
	void *address;

	unit = (word_t)device->range.start;
	came_count = came_at = 0;
	if (device->range.space != DEVICE_UNIT || build_mapped(device->builder, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address) != OK)
		return false;
	exchange = address;
	return memory_physical(memory, &physical) == OK;
}

/* Up to `length` bytes from or to this place in the exchange; returns how many it were. */
static unsigned move(word_t call, uint8_t length, size_t place)
{
	word_t r[8] = {call, unit, physical + offsetof(struct exchange, length), physical + place};

	for (unsigned i = 0; i < sizeof(exchange->length); i++)
		exchange->length[i] = 0;
	exchange->length[sizeof(exchange->length) - 1] = length;
	if (firmware_call(CONSOLE_REGISTERS, r) != OK || r[0] != SUCCESS)
		return 0;
	length = exchange->length[sizeof(exchange->length) - 1];
	return length <= BYTES_MAX ? length : 0;
}

static bool receive(uint8_t *byte)
{
	if (came_at == came_count) {
		came_count = move(CONSOLE_READ_CALL, BYTES_MAX, offsetof(struct exchange, in));
		came_at = 0;
		if (came_count == 0)
			return false;
	}
	*byte = exchange->in[came_at++];
	return true;
}

static bool send(uint8_t byte)
{
	exchange->out = byte;
	return move(CONSOLE_WRITE_CALL, 1, offsetof(struct exchange, out)) == 1;
}

/* It interrupts as long as there are bytes; nothing is to be switched on or taken back. */
static void listen(bool more)
{
	(void)more;
}

static bool settle(void)
{
	return false;
}

static const char *const compatible[] = {"ibm,opal-console-raw", NULL};
const struct driver driver_opal = {compatible, false, start, receive, send, listen, settle};
