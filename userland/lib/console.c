/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients of the console say to it; see console.h. */
#include "console.h"

#include <string.h>

/* Bytes of the next message: up to the last line end that fits, or as many as fit. */
static size_t piece(const char *text, size_t length)
{
	if (length <= PROTOCOL_TEXT_MAX)
		return length;
	for (size_t i = PROTOCOL_TEXT_MAX; i > 0; i--)
		if (text[i - 1] == '\n')
			return i;
	return PROTOCOL_TEXT_MAX;
}

enum error console_write(handle_t console, const char *text, size_t length)
{
	enum error error = OK;

	for (size_t at = 0, count; error == OK && at < length; at += count) {
		struct message m = {.tag = 0};

		count = piece(text + at, length - at);
		m.w[0] = count;
		(void)message_put(&m, 1, text + at, count);
		error = object_call(console, CONSOLE_WRITE, 1 + message_words(count), &m);
	}
	return error;
}

enum error console_read_line(handle_t console, char *buffer, size_t size, size_t *length)
{
	size_t most = size - 1 < CONSOLE_LINE_MAX ? size - 1 : CONSOLE_LINE_MAX, count;
	struct message m = {.w = {most}};
	enum error error;

	if (size < 2)
		return ERROR_BAD_ARGUMENT;
	error = object_call(console, CONSOLE_READ, 1, &m);
	if (error != OK)
		return error;
	count = message_get(&m, 1, buffer, m.w[0] < most ? m.w[0] : most);
	buffer[count] = '\0';
	if (length != NULL)
		*length = count;
	return OK;
}

enum error console_drain(handle_t console)
{
	struct message m = {.tag = 0};

	return object_call(console, CONSOLE_DRAIN, 0, &m);
}
