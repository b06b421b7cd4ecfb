/* SPDX-License-Identifier: BSD-2-Clause */
/* The TAP writer: counts what it prints. */
#include "tap.h"

#include "print.h"
#include "protocol.h"

static unsigned passed_count, failed_count;

void tap_begin(void)
{
	print("TAP version 13\n");
}

void tap_result(bool passed, const char *program, const char *text)
{
	char clean[PROTOCOL_TEXT_MAX + 1];
	size_t i = 0;

	for (; text[i] != '\0' && i < PROTOCOL_TEXT_MAX; i++)
		clean[i] = text[i] < ' ' || text[i] == '#' || text[i] == '\\' ? '.' : text[i];
	clean[i] = '\0';
	if (passed)
		passed_count++;
	else
		failed_count++;
	print("%s %u - %s: %s\n", passed ? "ok" : "not ok", passed_count + failed_count, program, clean);
}

void tap_comment(const char *program, const char *text)
{
	print("# %s: %s\n", program, text);
}

bool tap_end(void)
{
	print("1..%u\n", passed_count + failed_count);
	print("%u passed, %u failed\n", passed_count, failed_count);
	return passed_count > 0 && failed_count == 0;
}
