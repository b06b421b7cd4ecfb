/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notification: a word of bits. Signals OR bits in, a wait takes them all. It may be bound to a thread, whose
 * receives then see it too, and has a one-shot deadline.
 */
#ifndef KERNEL_NOTIFICATION_H
#define KERNEL_NOTIFICATION_H

#include "kernel/deadline.h"
#include "kernel/schedule.h"

struct notification {
	struct object object;
	struct capability self; /* holds the original capability while it is torn down */
	struct wait_queue queue;
	struct thread *bound;
	uint32_t bits;
	uint32_t deadline_bits;
	struct deadline deadline;
	bool breaks;     /* the deadline ends the bound thread's ipc */
	bool broken;     /* such a deadline passed while the thread was not blocked */
};

/* ORs bits in and wakes one waiter, or the bound thread if it waits for a message. (A wait for another Notification is left alone.) */
void notification_signal(struct notification *n, uint32_t bits);

/* Takes all bits. */
uint32_t notification_take(struct notification *n);

/* Delivers bits as the result of the thread's receive. */
void notification_deliver(struct thread *t, uint32_t bits);

void notification_disarm(struct notification *n);

/* Its deadline passed. */
void notification_expired(struct notification *n);

bool notification_teardown(struct notification *n);

/* Unbinding when the thread or the Notification goes. */
void notification_unbound(struct notification *n);

#endif
