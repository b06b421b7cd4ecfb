/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts: configuring, lending, and the way back. Nothing walks a chain of calls. */
#include "kernel/context.h"
#include "kernel/invoke.h"
#include "kernel/schedule.h"

void context_make(struct context *c)
{
	c->budget = c->period = CONTEXT_UNLIMITED;
}

/* The thread runs on `c` from now on, or on nothing. */
static void run_on(struct thread *t, struct context *c)
{
	schedule_remove(t);
	t->active = c;
	if (c)
		c->user = t;
	if (c && t->state == THREAD_READY)
		schedule_ready(t);
}

/* Its own context, if it is not lent to somebody. */
static struct context *own_context(const struct thread *t)
{
	struct context *own = capability_object(&t->binding[BIND_CONTEXT]);

	return own && own->user == t ? own : NULL;
}

/* Whoever runs on c goes on with its own, or with nothing. */
static void withdraw(struct context *c)
{
	struct thread *user = c->user;

	c->user = NULL;
	if (user && user->active == c)
		run_on(user, own_context(user));
}

/* Takes lenders off the stack down to `last` and with it (NULL: all): what they lent is no longer theirs to claim. */
static void pop_lenders(struct context *c, const struct thread *last)
{
	struct thread *t;

	do {
		t = c->lender;
		if (!t)
			break;
		c->lender = t->lender_below;
		t->lender_below = NULL;
		t->lent = NULL;
	} while (t != last);
}

void context_bound(struct context *c, struct thread *owner)
{
	c->owner = c->user = owner;
	if (!owner->active)
		run_on(owner, c);
}

void context_unbound(struct context *c)
{
	c->owner = NULL;
	pop_lenders(c, NULL);
	withdraw(c);
}

void context_lend(struct thread *caller, struct thread *server)
{
	struct context *c = caller->active;

	if (!c)
		return;
	caller->active = NULL;
	caller->lent = c;
	caller->lender_below = c->lender;
	c->lender = caller;
	run_on(server, c);
}

void context_return(struct thread *caller)
{
	struct context *c = caller->lent;

	if (c) {
		pop_lenders(c, caller);
		withdraw(c);
		run_on(caller, c);
	} else if (!caller->active) {
		run_on(caller, own_context(caller));
	}
}

void context_give_back(struct thread *server)
{
	struct context *c = server->active;

	if (c && c->owner != server)
		withdraw(c);
}

static enum error context_configure(struct invocation *call)
{
	struct context *c = capability_object(call->target);

	if (call->w[0] != 0 || call->w[1] != CONTEXT_UNLIMITED || call->w[2] != CONTEXT_UNLIMITED || call->w[3] >= PRIORITIES)
		return ERROR_BAD_ARGUMENT;
	c->core = call->w[0];
	c->ceiling = (uint8_t)call->w[3];
	return OK;
}

static enum error context_query(struct invocation *call)
{
	const struct context *c = capability_object(call->target);

	call->w[0] = c->core;
	call->w[1] = c->budget;
	call->w[2] = c->period;
	call->w[3] = c->ceiling;
	call->answer_words = 4;
	return OK;
}

const struct operation context_operations[] = {
	{CONTEXT_CONFIGURE, RIGHT_CONFIGURE, context_configure},
	{CONTEXT_QUERY, RIGHT_CONSUMED, context_query},
	{0, 0, NULL},
};
