/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SchedContext: the right to run. A thread is dispatched only with an active context; a call lends it
 * to the server, and it comes back with the answer, or at once when the call ends in any other way.
 */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "kernel/thread.h"

struct context {
	struct thread *owner; /* the thread that it is bound to, or NULL */
	struct thread *user;  /* the thread that runs on it: the owner, who it was lent to, or NULL */
	struct thread *lender; /* who lent it last; below it, through lender_below, who lent it before */
	word_t core, budget, period;
	uint8_t ceiling;
};

void context_make(struct context *c);

/* Binding and unbinding to its owner (called by thread_bind and thread_unbind). */
void context_bound(struct context *c, struct thread *owner);
void context_unbound(struct context *c);

/* The caller lends what it runs on to the server. */
void context_lend(struct thread *caller, struct thread *server);

/* What the thread lent comes back to it, wherever it is now; those who lent it on lose their claim. A thread that has
   nothing to claim goes on with its own context. */
void context_return(struct thread *caller);

/* A server blocks or ends: what was lent to it is withdrawn and waits for its lender. */
void context_give_back(struct thread *server);

#endif
