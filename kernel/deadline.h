/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines: points in time that lie inside the object that waits for them, in one of four heaps per
 * core by priority.
 *
 * The shape of a heap follows the bits of its members' addresses: a member's place below level n is
 * chosen by bit n of its address, so insertion and removal take at most as many steps as an address
 * has bits, with two links and no balancing.
 */
#ifndef KERNEL_DEADLINE_H
#define KERNEL_DEADLINE_H

#include "kernel/debug.h"
#include "kernel/hal.h"

struct core;

enum { DEADLINE_GROUPS = 4, DEADLINES_PER_INTERRUPT = 16 };

enum deadline_of { DEADLINE_OF_NOTIFICATION, DEADLINE_OF_CONTEXT };

struct deadline {
	uint64_t time; /* of hal_clock() */
	struct deadline *child[2];
	uint8_t group;
	uint8_t of; /* enum deadline_of: what it lies in */
	bool armed;
};

/* Arms a deadline (which is not armed) and, if it is the earliest, the timer. */
void deadline_arm(struct deadline *d, uint64_t time, uint8_t priority);

/* Takes it back, if it is armed. */
void deadline_disarm(struct deadline *d);

/* Earliest of all deadlines of the core; UINT64_MAX: none. */
uint64_t deadline_first(const struct core *core);

/* Of each group, highest first, at most DEADLINES_PER_INTERRUPT that are not after `now` expire. */
void deadline_expire(struct core *core, uint64_t now);

#endif
