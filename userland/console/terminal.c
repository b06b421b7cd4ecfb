/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual terminal of a Power partition: hypervisor calls that move up to 16 bytes (PAPR 16.6). */
#include "driver.h"

enum {
	GET_TERM_CHAR = 0x54,
	PUT_TERM_CHAR = 0x58,
	SUCCESS = 0,
	BYTES_MAX = 16,
	FIRST = 2, /* registers that hold the bytes, the first one highest */
};

static word_t unit;
static uint8_t came[BYTES_MAX];
static unsigned came_count, came_at;

static bool start(const struct console_device *device)
{
	unit = (word_t)device->range.start;
	came_count = came_at = 0;
	return device->range.space == DEVICE_UNIT;
}

static bool receive(uint8_t *byte)
{
	if (came_at == came_count) {
		word_t r[8] = {GET_TERM_CHAR, unit};

		if (firmware_call(CONSOLE_REGISTERS, r) != OK || r[0] != SUCCESS || r[1] == 0 || r[1] > BYTES_MAX)
			return false;
		came_count = (unsigned)r[1];
		came_at = 0;
		for (unsigned i = 0; i < came_count; i++)
			came[i] = (uint8_t)(r[FIRST + i / sizeof(word_t)] >> 8 * (sizeof(word_t) - 1 - i % sizeof(word_t)));
	}
	*byte = came[came_at++];
	return true;
}

static bool send(uint8_t byte)
{
	word_t r[8] = {PUT_TERM_CHAR, unit, 1, (word_t)byte << 8 * (sizeof(word_t) - 1)};

	return firmware_call(CONSOLE_REGISTERS, r) == OK && r[0] == SUCCESS;
}

/* It interrupts whenever bytes come and none were there; nothing is to be switched on or taken back. */
static void listen(bool more)
{
	(void)more;
}

static bool settle(void)
{
	return false;
}

static const char *const compatible[] = {"hvterm1", NULL};
const struct driver driver_terminal = {compatible, false, start, receive, send, listen, settle};
