/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts: configuring, lending, and the way back. Nothing walks a chain of calls. */
#include "kernel/context.h"
#include "kernel/invoke.h"
#include "kernel/reply.h"
#include "kernel/schedule.h"

void context_make(struct context *c)
{
	c->budget = c->period = c->left = UINT64_MAX;
	c->refill.of = DEADLINE_OF_CONTEXT;
	c->mail.kind = MAIL_CONTEXT;
}

void context_follow(struct thread *t)
{
	bool held = core_self()->locked;

	if (!t->reply_place || !t->active || t->active->core == hal_core_self())
		return;
	lock_take(); /* the context may just be moved */
	thread_unload(t);
	thread_forget(t);
	if (core_self()->current == t)
		core_self()->current = NULL;
	__atomic_store_n(&t->core, (uint8_t)t->active->core, __ATOMIC_RELEASE);
	if (!held)
		lock_give();
}

/* The thread runs on `c` from now on, or on nothing. */
static void run_on(struct thread *t, struct context *c)
{
	schedule_remove(t);
	t->active = c;
	if (c)
		c->user = t;
	if (t->state == THREAD_READY)
		schedule_ready(t); /* without a context too: something may be pending, and that needs none */
	context_follow(t);
}

struct context *context_own(const struct thread *t)
{
	if (t->own && t->own->core != hal_core_self())
		lock_take(); /* it may just be unbound there */
	return t->own && t->own->user == t ? t->own : NULL;
}

static void send_on(struct context *c, unsigned core)
{
	c->at = (uint8_t)core;
	mail_send(core, &c->mail);
}

/* Whoever runs on c goes on with its own, or with nothing. If it is on another core just now, c goes there first and
   serves nobody until it is back. */
static void withdraw(struct context *c)
{
	struct thread *user = c->user;

	c->user = NULL;
	if (!user || user->active != c)
		return;
	if (thread_here(user)) {
		run_on(user, context_own(user));
		return;
	}
	ASSERT(!c->away);
	c->away = true;
	c->stripped = user;
	send_on(c, thread_core(user));
}

void context_stripping(struct context *c)
{
	struct thread *t;

	lock_take(); /* now, not in between: who waits for it lets others destroy the thread, and its memory be used again */
	t = c->stripped;
	if (t && !thread_here(t)) {
		send_on(c, thread_core(t));
		return;
	}
	c->stripped = NULL;
	if (t && t->active == c)
		run_on(t, context_own(t));
	if (c->core != hal_core_self()) {
		send_on(c, (unsigned)c->core);
		return;
	}
	c->away = false;
	if (c->user && thread_here(c->user) && c->user->state == THREAD_READY)
		schedule_ready(c->user);
}

void context_drop(struct thread *t)
{
	struct context *c = t->active;

	if (c && c->user == t)
		c->user = NULL;
	t->active = NULL;
}

/* ---- budgets ---- */

/* Its user cannot go on with it: a server has perhaps its own; who asked for the exception is still dispatched and gets
   it then; others wait for the refill. */
static void out_of_time(struct context *c)
{
	struct thread *t = c->user;
	struct context *own;

	if (!t || !thread_here(t) || t->active != c)
		return;
	own = context_own(t);
	if (own && own != c && !own->spent)
		withdraw(c);
	else if (!t->no_time_fault)
		schedule_remove(t);
}

void context_charge(struct context *c, uint64_t ticks, uint64_t now)
{
	c->consumed += ticks;
	if (c->budget == UINT64_MAX)
		return;
	c->left = ticks < c->left ? c->left - ticks : 0;
	if (c->left || c->spent)
		return;
	c->spent = true;
	deadline_arm(&c->refill, c->period_end > now ? c->period_end : now, c->user ? c->user->effective : 0);
	out_of_time(c);
}

uint64_t context_begin(struct context *c, uint64_t now)
{
	if (c->budget == UINT64_MAX)
		return UINT64_MAX;
	if (now >= c->period_end) {
		c->period_end = now + c->period;
		c->left = c->budget;
	}
	return now + c->left;
}

void context_refilled(struct context *c)
{
	c->spent = false;
	c->left = c->budget;
	c->period_end = hal_clock() + c->period;
	if (c->user && thread_here(c->user) && c->user->active == c && c->user->state == THREAD_READY)
		schedule_ready(c->user);
}

void context_destroy(struct context *c)
{
	deadline_disarm(&c->refill);
	if (core_self()->charged == c)
		core_self()->charged = NULL;
}

/* ---- lending ---- */

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

	if (!c || c->away)
		return;
	caller->active = NULL;
	caller->lent = c;
	caller->lender_below = c->lender;
	c->lender = caller;
	run_on(server, c);
	if (c->spent)
		out_of_time(c); /* without a context of its own the server waits for the refill in its caller's place */
}

void context_return(struct thread *caller)
{
	struct context *c = caller->lent;

	if (c) {
		pop_lenders(c, caller);
		withdraw(c);
		run_on(caller, c);
	} else if (!caller->active) {
		run_on(caller, context_own(caller));
	}
}

void context_give_back(struct thread *server)
{
	struct context *c = server->active;

	if (!c || c->owner == server || c->core != hal_core_self())
		return; /* of another core: its own, unbound there at this moment, and that core withdraws it */
	withdraw(c);
}

unsigned context_lent_core(const struct thread *t)
{
	const struct context *c = t->active;

	return c && c != t->own ? (unsigned)c->core : CORE_NONE;
}

void context_borrow(struct thread *server)
{
	struct thread *caller = reply_caller(&server->reply);

	if (caller && !thread_here(caller)) {
		schedule_travel(server, thread_core(caller), PENDING_BORROW);
		return;
	}
	if (caller && caller->active && caller->active->away) {
		schedule_travel(server, caller->active->at, PENDING_BORROW);
		return;
	}
	caller = reply_caller(&server->reply); /* it may have been aborted there, and have come here for something else */
	if (caller)
		context_lend(caller, server);
	else if (!server->active)
		run_on(server, context_own(server));
}

/* ---- messages ---- */

/* The highest ceiling that a thread may hand on: that of its own context. */
static uint8_t own_ceiling(const struct thread *t)
{
	return t->own ? t->own->ceiling : 0;
}

/* The user follows: at once if it only waits for its turn, or for an answer; else when it is dispatched next. */
static void set_core(struct context *c, word_t core)
{
	struct thread *user = c->user;

	c->core = core;
	if (!user || user->active != c || !thread_here(user))
		return;
	if (core != hal_core_self() && user->state == THREAD_READY && !user->pending && user != core_self()->current)
		schedule_travel(user, (unsigned)core, PENDING_NONE);
	else
		context_follow(user);
}

static enum error operation_configure(struct invocation *call)
{
	struct context *c = capability_object(call->target);
	word_t core = call->w[0], ceiling = call->w[3];
	uint64_t budget = call->w[1], period = call->w[2];
	bool unlimited = call->w[1] == CONTEXT_UNLIMITED && call->w[2] == CONTEXT_UNLIMITED;

	if (core >= cores_running() || ceiling >= PRIORITIES)
		return ERROR_BAD_ARGUMENT;
	if (c->away || (core != c->core && c->lender))
		return ERROR_BUSY; /* on its way; or who lent it has to be of its core */
	if (!unlimited && (!budget || budget > period || period > CONTEXT_PERIOD_MAX))
		return ERROR_BAD_ARGUMENT;
	if (ceiling > own_ceiling(call->caller))
		return ERROR_NO_RIGHTS;
	schedule_recharge(); /* what has passed was of the old budget; spent as it is from now on, it must not arm the refill here */
	c->ceiling = (uint8_t)ceiling;
	c->budget = unlimited ? UINT64_MAX : budget;
	c->period = unlimited ? UINT64_MAX : period;
	c->period_end = 0;
	c->left = c->budget;
	if (c->spent) {
		deadline_disarm(&c->refill);
		context_refilled(c);
		c->period_end = 0;
	}
	set_core(c, core);
	if (core_self()->charged == c && core != hal_core_self())
		core_self()->charged = NULL;
	schedule_recharge();
	return OK;
}

static enum error operation_query(struct invocation *call)
{
	const struct context *c = capability_object(call->target);
	uint64_t consumed;

	schedule_recharge();
	consumed = c->consumed;
	call->w[0] = c->core;
	call->w[1] = c->budget == UINT64_MAX ? CONTEXT_UNLIMITED : (word_t)c->budget;
	call->w[2] = c->period == UINT64_MAX ? CONTEXT_UNLIMITED : (word_t)c->period;
	call->w[3] = c->ceiling;
	call->w[4] = (word_t)consumed;
	call->w[5] = (word_t)(consumed >> 32);
	call->answer_words = 6;
	return OK;
}

const struct operation context_operations[] = {
	{CONTEXT_CONFIGURE, RIGHT_CONFIGURE, operation_configure},
	{CONTEXT_QUERY, RIGHT_CONSUMED, operation_query},
	{0, 0, NULL},
};
