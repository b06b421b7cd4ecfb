/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One stack per core, so that a core that waits for another one can be left where it is while that one
 * gets on. Fibers are no part of the machine's saved states: those are taken and restored while
 * all cores are out of the kernel.
 */
#ifndef HOSTED_FIBER_H
#define HOSTED_FIBER_H

#include <stdbool.h>

enum fiber_state {
	FIBER_FREE,
	FIBER_WAITS,  /* started or suspended: can be continued */
	FIBER_ACTIVE, /* runs, or continued another one and waits for that */
};

enum fiber_state fiber_state(unsigned number);

/* The fiber, which is free, will call the function when it is continued. */
void fiber_start(unsigned number, void (*function)(const void *), const void *argument);

/* Runs it until it ends or yields. */
void fiber_continue(unsigned number);

/* Called on a fiber: back to who continued it. */
void fiber_yield(unsigned number);

/* All are free, wherever they were. */
void fibers_forget(void);

#endif
