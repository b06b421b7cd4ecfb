/* SPDX-License-Identifier: BSD-2-Clause */
/* What the components of the demo agree on: who is who, what each holds, and what they say to each other. */
#ifndef DEMO_H
#define DEMO_H

#include "cobnut.h"
#include "program.h"
#include "protocol.h"

/* The components. These numbers are the badges by which each one is known to those that it talks to. */
enum component {
	COMPONENT_CONSOLE = 1, /* drives the machine's console (userland/console) */
	COMPONENT_LOG,
	COMPONENT_PAGER,
	COMPONENT_SERVER,
	COMPONENT_CLIENT_1,
	COMPONENT_CLIENT_2,
	COMPONENT_SUPERVISOR,
	COMPONENT_CRASHER, /* made by the supervisor, or by the monitor when it is told to */
	COMPONENT_COUNT,

	/* Badges of those that are no component of the table. */
	BADGE_MONITOR = COMPONENT_COUNT, /* the monitor itself */
	BADGE_PROMPT,                    /* its thread that reads the console */
	BADGE_TEST,                      /* a test program that it runs */
};

/* Handles that the monitor gives, beside those that every program has. */
enum demo_handle {
	DEMO_LOG = PROGRAM_GIFTS, /* Endpoint [send] of the log, badge: who speaks; of the log itself: Endpoint [send] of the console */
	DEMO_SERVE,               /* Endpoint [receive] that a log, pager or server serves */
	DEMO_SERVER,              /* Endpoint [send] of the server; clients */
	DEMO_TIMER,               /* Notification [wait, arm]; clients and supervisor */
	DEMO_CHILD_LOG,           /* Endpoint [send] of the log with the crasher's badge; supervisor */
};

/* What clients ask of the server. */
enum label_demo {
	DEMO_ADD = PROTOCOL_OWN, /* w0 number -> w0 sum of all numbers that this client sent, w1 how many these were */
	DEMO_FORGET,             /* the caller's account is empty again */
};

/* What components tell the monitor, through PROGRAM_PARENT. */
enum label_monitor {
	MONITOR_PLAYED = PROTOCOL_OWN, /* the client has played its part of the story, and goes on in silence */
	/* A page fault that the pager does not serve: w0 who, w1 address, w2 access, w3 ip, w4 sp, w5 raw code. The answer says that its
	   program is destroyed. */
	MONITOR_FAULT,
};

/* Where clients use memory that nobody mapped: the pager serves it page by page. */
#define DEMO_HEAP PROGRAM_FREE_ADDRESS
enum { DEMO_HEAP_PAGES = 8 };

/* Sleeps about `milliseconds` by the component's timer. */
static inline void demo_sleep(const struct program_info *info, word_t milliseconds)
{
	word_t bits;

	if (notification_arm(DEMO_TIMER, 1, arch_counter() + info->frequency / 1000 * milliseconds, 0) == OK)
		(void)notification_wait(DEMO_TIMER, &bits);
}

/* Waits for a message. Whoever stops a component and lets it go on ends its wait: it waits again. */
static inline bool demo_receive(handle_t endpoint, struct message *m)
{
	enum error error;

	do
		error = message_receive(endpoint, m, 0);
	while (error == ERROR_ABORTED);
	return error == OK;
}

/* Answers the caller, then waits for the next message. */
static inline bool demo_answer_receive(handle_t endpoint, struct message *m)
{
	enum error error = message_answer_receive(endpoint, m);

	return error == ERROR_ABORTED ? demo_receive(endpoint, m) : error == OK;
}

#endif
