/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cores: who owns what, how work moves between them, and the one lock.
 *
 * Every Endpoint, Notification and SchedContext has a home core, every Thread an owner: only that core
 * touches its state. A system call that needs an object of another core does not reach over: its thread
 * travels there through the mailbox and goes on with the call. It returns to user level on the core of
 * the context that it runs on. Signals do not travel: see notification.h.
 *
 * The derivation tree, pools, page tables and handle slots are shared under one lock. Look-ups of handles
 * take none: a slot is filled by a release store of its object word, and memory is reused only after
 * every core has left the kernel once (cores_sync).
 */
#ifndef KERNEL_CORES_H
#define KERNEL_CORES_H

#include "kernel/hal.h"

struct core;
struct space;
struct thread;

enum mail_kind { MAIL_THREAD, MAIL_SIGNAL, MAIL_BREAK, MAIL_CONTEXT, MAIL_WORK };

/* A link in a mailbox; lies inside the object that is sent. */
struct mail {
	struct mail *next;
	uint8_t kind; /* enum mail_kind */
};

enum { MAILS_PER_PASS = 32 };

/* Many senders, one reader, first in first out, no lock. */
struct mailbox {
	struct mail *last;  /* senders exchange it */
	struct mail *first; /* the reader's */
	struct mail dummy;
};

/* Puts a link that is in no mailbox into that of `core` and has it looked at. */
void mail_send(unsigned core, struct mail *mail);

/* Handles up to MAILS_PER_PASS of what lies in this core's mailbox: between operations, without the lock. */
void mail_receive(void);

void mailbox_init(struct mailbox *box);

/* Takes the lock, first come first served; answers cores_sync() of others meanwhile. Nothing happens if this core has it. */
void lock_take(void);
void lock_give(void);

/* What the others are asked to do before cores_sync() returns. */
struct sync {
	struct space *leave;  /* not to translate through this Space any more; NULL: none */
	bool leave_any;       /* through none: ASIDs are given out anew */
	bool flush;           /* to flush these translations (with leave_any: all), where one core cannot do it for all */
	bool tables;
	unsigned asid;
	uintptr_t address;
	size_t length;
};

/* Every other core has done this, and has left any kernel code that it was in when this was called. The lock is held. */
void cores_sync(const struct sync *sync);

/* Answers a cores_sync() of another core, if there is one. */
void cores_answer(void);

/* Cores that run; at boot and afterwards. */
unsigned cores_running(void);
void cores_start(void);

#endif
