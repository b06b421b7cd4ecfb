/* SPDX-License-Identifier: BSD-2-Clause */
/* What the components of the demo agree on: who is who, what each holds, and what they say to each other. */
#ifndef DEMO_H
#define DEMO_H

#include "cobnut.h"
#include "program.h"
#include "protocol.h"

/* The components. These numbers are the badges by which each one is known to those that it talks to. */
enum component {
	COMPONENT_CONSOLE = 1,
	COMPONENT_PAGER,
	COMPONENT_SERVER,
	COMPONENT_CLIENT_1,
	COMPONENT_CLIENT_2,
	COMPONENT_SUPERVISOR,
	COMPONENT_CRASHER, /* made by the supervisor */
	COMPONENT_DEMO,
	COMPONENT_COUNT
};

/* Handles that `demo` gives, beside those that every program has. */
enum demo_handle {
	DEMO_CONSOLE = PROGRAM_GIFTS, /* Endpoint [send] of the console, badge: who speaks */
	DEMO_SERVE,                   /* Endpoint [receive] that a console, pager or server serves */
	DEMO_SERVER,                  /* Endpoint [send] of the server; clients */
	DEMO_TIMER,                   /* Notification [wait, arm]; clients and supervisor */
	DEMO_CHILD_CONSOLE,           /* Endpoint [send] of the console with the crasher's badge; supervisor */
};

/* What clients ask of the server. */
enum label_demo {
	DEMO_ADD = PROTOCOL_OWN, /* w0 number -> w0 sum of all numbers that this client sent, w1 how many these were */
};

/* Where clients use memory that nobody mapped: the pager serves it page by page. */
#define DEMO_HEAP PROGRAM_FREE_ADDRESS
#define DEMO_HEAP_SIZE ((size_t)64 * PAGE_SIZE)

/* Sleeps about `milliseconds` by the component's timer. */
static inline void demo_sleep(const struct program_info *info, word_t milliseconds)
{
	word_t bits;

	if (notification_arm(DEMO_TIMER, 1, arch_counter() + info->frequency / 1000 * milliseconds, 0) == OK)
		(void)notification_wait(DEMO_TIMER, &bits);
}

#endif
