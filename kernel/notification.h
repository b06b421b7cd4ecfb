/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notification: a word of bits. Signals OR bits in, a wait takes them all. It may be bound to a thread, whose
 * receives then see it too, and has a one-shot deadline.
 *
 * Deadlines lie in the Notifications themselves, in a heap whose shape follows the bits of their
 * addresses: a node's place in level n is chosen by bit n of its address, so insertion and removal take
 * at most as many steps as an address has bits, with two links and no balancing.
 */
#ifndef KERNEL_NOTIFICATION_H
#define KERNEL_NOTIFICATION_H

#include "kernel/schedule.h"

enum { EXPIRE_MAX = 16 };

struct notification {
	struct object object;
	struct capability self; /* holds the original capability while it is torn down */
	struct wait_queue queue;
	struct thread *bound;
	uint32_t bits;
	uint32_t deadline_bits;
	uint64_t deadline;
	struct notification *heap[2]; /* children */
	uint8_t group;   /* heap that the deadline is in */
	bool armed;
	bool breaks;     /* the deadline ends the bound thread's ipc */
	bool broken;     /* such a deadline passed while the thread was not blocked */
};

/* ORs bits in and wakes one waiter, or the bound thread if it waits in a receive. */
void notification_signal(struct notification *n, uint32_t bits);

/* Takes all bits. */
uint32_t notification_take(struct notification *n);

/* Delivers bits as the result of the thread's receive. */
void notification_deliver(struct thread *t, uint32_t bits);

void notification_disarm(struct notification *n);

/* Earliest deadline of a heap; UINT64_MAX: none. */
uint64_t deadline_first(const struct notification *heap);

/* At most EXPIRE_MAX deadlines of each heap that are not after `now` expire. */
void deadline_expire(struct core *core, uint64_t now);

bool notification_teardown(struct notification *n);

/* Unbinding when the thread or the Notification goes. */
void notification_unbound(struct notification *n);

#endif
