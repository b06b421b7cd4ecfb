/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: see output.h. */
#include "output.h"

#include <string.h>

enum { RING_SIZE = 4096 };
#define NOBODY (~(word_t)0) /* no badge has more than 32 bits */

static uint8_t ring[RING_SIZE];
static size_t first, count;

/* The open line: who wrote it, and what of it is remembered. */
static struct {
	bool open;
	word_t badge;
	uint8_t text[CONSOLE_LINE_MAX];
	size_t length;
} line;

size_t output_room(void)
{
	return RING_SIZE - count;
}

static void put(uint8_t byte)
{
	if (count < RING_SIZE)
		ring[(first + count++) % RING_SIZE] = byte;
}

void output_byte(uint8_t byte)
{
	if (byte == '\n')
		put('\r');
	put(byte);
}

void output_text(const uint8_t *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		output_byte(text[i]);
}

bool output_next(uint8_t *byte)
{
	if (count == 0)
		return false;
	*byte = ring[first];
	return true;
}

void output_sent(void)
{
	first = (first + 1) % RING_SIZE;
	count--;
}

void output_fresh(void)
{
	if (line.open)
		output_byte('\n');
	line.open = false;
	line.length = 0;
}

void output_mark(bool open)
{
	line.open = open;
	line.length = 0;
	line.badge = NOBODY;
}

static void remember(uint8_t byte)
{
	line.open = byte != '\n';
	if (!line.open)
		line.length = 0;
	else if (line.length < sizeof line.text)
		line.text[line.length++] = byte;
}

void output_client(word_t badge, const uint8_t *text, size_t length)
{
	if (line.badge != badge)
		output_fresh();
	line.badge = badge;
	output_text(text, length);
	for (size_t i = 0; i < length; i++)
		remember(text[i]);
}

size_t output_prompt(word_t badge, uint8_t *out)
{
	if (!line.open || line.badge != badge)
		return 0;
	memcpy(out, line.text, line.length);
	return line.length;
}
