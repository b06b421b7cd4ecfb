/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the monitor says. It is the console driver's parent, so it must not depend on it: a driver that faults while it takes a line
 * would wait for the monitor, and the monitor for it. So each call is ended by a deadline; then the kernel's console serves until
 * the driver was started again, or shows that it works, by a line that was typed.
 */
#include <string.h>

#include "console.h"
#include "monitor.h"

enum { PATIENCE_SECONDS = 3 };

static handle_t console; /* with the monitor's badge */
static bool used;
static uint64_t test_deadline;

/* Lines that wait to be said together, so that less comes between them. */
static char batch[PROTOCOL_TEXT_MAX + 1];
static size_t batched;

/* The alarm goes off for the test that runs, or not at all. */
static void set_alarm(void)
{
	if (test_deadline != 0)
		(void)notification_arm(monitor.alarm, ALARM_TEST, test_deadline, 0);
	else
		(void)notification_disarm(monitor.alarm, NULL);
}

void output_test_deadline(uint64_t deadline)
{
	test_deadline = deadline;
	set_alarm();
}

void output_begin(void)
{
	if (used)
		(void)notification_arm(monitor.alarm, ALARM_OUTPUT,
				       arch_counter() + PATIENCE_SECONDS * monitor.info->frequency, ARM_BREAK);
}

void output_end(void)
{
	bool armed = true;

	if (!used)
		return;
	(void)notification_disarm(monitor.alarm, &armed);
	set_alarm();
	if (armed)
		return;
	output_use_console(false);
	print("monitor: the console does not answer\n");
}

void output_use_console(bool on)
{
	if (on && console == HANDLE_NONE &&
	    build_derived(&monitor.builder, component[COMPONENT_CONSOLE].endpoint, RIGHT_SEND, BADGE_MONITOR, &console) !=
		    OK)
		return;
	used = on;
	if (on)
		print_to_endpoint(console);
	else
		print_to_system(PROGRAM_SYSTEM);
}

void output_drain(void)
{
	output_begin();
	if (used)
		(void)console_drain(console);
	output_end();
}

void output_flush(void)
{
	if (batched == 0)
		return;
	batch[batched] = '\0';
	output_begin();
	if (used)
		(void)console_write(console, batch, batched);
	else
		print("%s", batch);
	output_end();
	batched = 0;
}

void output_line(void *context, const char *text)
{
	size_t length = strlen(text);

	(void)context;
	if (batched > 0 && batched + length + 1 > PROTOCOL_TEXT_MAX)
		output_flush();
	if (length + 1 > PROTOCOL_TEXT_MAX)
		length = PROTOCOL_TEXT_MAX - 1;
	memcpy(batch + batched, text, length);
	batched += length;
	batch[batched++] = '\n';
}
