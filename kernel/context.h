/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SchedContext: the right to run. A thread is dispatched only with an active context; a call lends it
 * to the server, and it comes back with the answer, or at once when the call ends in any other way.
 *
 * Time is authority: `budget` ticks in each `period`. A period begins when the context first runs after
 * the last one was over. When the budget is spent, a server goes on with its own context; a thread without
 * one that has time left waits for the refill, or gets the exception no-time if it asked for that.
 */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "kernel/deadline.h"
#include "kernel/thread.h"

struct context {
	struct thread *owner; /* the thread that it is bound to, or NULL */
	struct thread *user;  /* the thread that runs on it: the owner, who it was lent to, or NULL */
	struct thread *lender; /* who lent it last; below it, through lender_below, who lent it before */
	word_t core;
	uint64_t budget, period; /* ticks; CONTEXT_UNLIMITED: no limit */
	uint64_t left;           /* of the budget, in this period */
	uint64_t period_end;     /* when the budget is refilled */
	uint64_t consumed;       /* since it was made */
	struct deadline refill;  /* armed while the budget is spent */
	uint8_t ceiling;
	bool spent;              /* nobody runs on it until the refill */
	bool away;               /* nobody runs on it until `stripped` gave it up on another core */
	uint8_t at;              /* the core that its mail was sent to: who waits for it goes there, behind it */
	struct thread *stripped;
	struct mail mail;
};

/*
 * Is there something for a ready thread to do on this core, its own? What is pending needs no time. On the core of its context it needs time left
 * (or runs just far enough to get the exception that it asked for); elsewhere it is dispatched to travel there.
 */
static inline bool context_dispatchable(const struct thread *t, unsigned core)
{
	const struct context *c = t->active;

	return t->pending || (c && (c->core != core || (!c->away && (!c->spent || t->no_time_fault))));
}

void context_make(struct context *c);

/* Time passed on the context: charged to it. Its user stops running when the budget is spent. */
void context_charge(struct context *c, uint64_t ticks, uint64_t now);

/* The context begins to run: a new period if the old one is over. Returns when the budget will be spent (UINT64_MAX: never). */
uint64_t context_begin(struct context *c, uint64_t now);

/* The period is over: its user may run again. */
void context_refilled(struct context *c);

/* It is on its way to the core of the thread that must give it up, or back. */
void context_stripping(struct context *c);

/* The object ends. */
void context_destroy(struct context *c);

/* Binding and unbinding to its owner (called by thread_bind and thread_unbind). */
void context_bound(struct context *c, struct thread *owner);
void context_unbound(struct context *c);

/* The caller lends what it runs on to the server, if this is the core of that context. */
void context_lend(struct thread *caller, struct thread *server);

/* A thread that waits for an answer belongs to the core of its context. If that is not this one, this was the last that happened
   to it here. */
void context_follow(struct thread *t);

/* The context that is bound to the thread, unless it is lent to somebody. Takes the lock if it belongs to another core. */
struct context *context_own(const struct thread *t);

/* What the thread lent comes back to it, wherever it is now; those who lent it on lose their claim. A thread that has
   nothing to claim goes on with its own context. */
void context_return(struct thread *caller);

/* A server has come to the core of the context that its caller lends, if the caller still waits. */
void context_borrow(struct thread *server);

/* The thread, stopped for ever, gives up what it runs on. This is the core of that context. */
void context_drop(struct thread *t);

/* A server blocks or ends: what was lent to it is withdrawn and waits for its lender. This is the core of that context. */
void context_give_back(struct thread *server);

/* The core of the context that was lent to the thread and that it runs on; CORE_NONE: it runs on its own, or on none. */
unsigned context_lent_core(const struct thread *t);

#endif
