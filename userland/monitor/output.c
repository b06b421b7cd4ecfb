/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the monitor says. It is the console driver's parent, so it must not depend on it: a driver that faults while it takes a line
 * would wait for the monitor, and the monitor for it. So each call is ended by a deadline; then the kernel's console serves until
 * the driver was started again.
 */
#include "console.h"
#include "monitor.h"

enum { PATIENCE_SECONDS = 5 };

static handle_t console; /* with the monitor's badge */
static bool used;
static uint64_t test_deadline;

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
		(void)notification_arm(monitor.alarm, ALARM_OUTPUT, arch_counter() + PATIENCE_SECONDS * monitor.info->frequency,
				       ARM_BREAK);
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
	    build_derived(&monitor.builder, component[COMPONENT_CONSOLE].endpoint, RIGHT_SEND, BADGE_MONITOR, &console) != OK)
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

void output_line(void *context, const char *text)
{
	(void)context;
	say("%s\n", text);
}
