/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notification: a word of bits. Signals OR bits in, a wait takes them all. It may be bound to a thread, whose
 * receives then see it too, and has a one-shot deadline. It belongs to its home core. A signal on another
 * core ORs into `remote`; whoever turns that from zero puts the Notification into its home's mailbox.
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
	bool breaking;   /* break_mail is on its way */
	bool closed;     /* no core sends `mail` any more */
	uint32_t remote; /* bits signalled on other cores; not 0: `mail` is on its way here */
	struct mail mail, break_mail;
};

/* ORs bits in and wakes one waiter, or the bound thread if it waits for a message (a wait for another Notification
   is left alone). */
void notification_signal(struct notification *n, uint32_t bits);

/* What was signalled on other cores has arrived. */
void notification_collect(struct notification *n);

/* A deadline with BREAK passed; the bound thread is looked for where it is. */
void notification_break(struct notification *n);

void notification_make(struct notification *n, unsigned home);

/* Takes all bits. */
static inline uint32_t notification_take(struct notification *n)
{
	uint32_t bits = n->bits;

	n->bits = 0;
	return bits;
}

/* Delivers bits as the result of the thread's receive. */
static inline void notification_deliver(struct thread *t, uint32_t bits)
{
	static const word_t none[MESSAGE_REGISTERS];

	hal_message_store(&t->frame, status_make(OK, PHASE_RECEIVE, 0), bits, tag_make(LABEL_NOTIFICATION, 0, 0), none);
}

void notification_disarm(struct notification *n);

/* Its deadline passed. */
void notification_expired(struct notification *n);

bool notification_teardown(struct notification *n);

/* A link of it is still in a mailbox: its memory must stay. */
bool notification_in_mail(const struct notification *n);

/* Unbinding when the thread or the Notification goes. */
void notification_unbound(struct notification *n);

#endif
