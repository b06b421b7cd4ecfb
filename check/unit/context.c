/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts: budgets and refills, lending through chains of servers, and the way back. */
#include "kernel/context.h"
#include "unit.h"

#include "kernel/schedule.h"

static struct user_thread start(uint8_t priority)
{
	return user_start(BOOT_SPACE, priority, HANDLE_NONE, HANDLE_NONE);
}

static struct context *context_of(const struct user_thread *u)
{
	return user_object(u->context);
}

static void receive(const struct user_thread *u, handle_t endpoint)
{
	user_ipc(u->t, HANDLE_NONE, endpoint, 0, WORDS(0));
}

static void call(const struct user_thread *u, handle_t endpoint)
{
	user_ipc(u->t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
}

/* ---- the messages ---- */

static void configuring(void)
{
	struct user_thread u = start(100);

	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 1, 10, 20, 0); /* one core */
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 0, 0, 20, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 0, 21, 20, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 0, 10, CONTEXT_PERIOD_MAX + 1, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 0, CONTEXT_UNLIMITED, 20, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, CONTEXT_CONFIGURE, 0, 10, 20, 256);
	ANSWERS(ERROR_NO_RIGHTS, user_derive(u.context, RIGHT_BIND | RIGHT_CONSUMED, 0), CONTEXT_CONFIGURE, 0, 10, 20, 0);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 10, 20, 7);
	ANSWERS(OK, u.context, CONTEXT_QUERY, 0);
	CHECK(last.w[0] == 0 && last.w[1] == 10 && last.w[2] == 20 && last.w[3] == 7 && !last.w[4]);
	ANSWERS(OK, u.handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	CHECK(runs(u.t)); /* who has a low ceiling itself gives no higher one */
	ANSWERS(ERROR_NO_RIGHTS, u.context, CONTEXT_CONFIGURE, 0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 8);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 7);
	ANSWERS(OK, u.context, CONTEXT_QUERY, 0);
	CHECK(last.w[1] == CONTEXT_UNLIMITED && last.w[2] == CONTEXT_UNLIMITED);
	ANSWERS(ERROR_BAD_ARGUMENT, u.context, 99, 0);
}

/* ---- budgets ---- */

static void budgets(void)
{
	struct user_thread u = start(200);

	CHECK(runs(u.t));
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 100, 300, 0);
	for (unsigned period = 1; period <= 3; period++) {
		hosted_pass(99);
		CHECK(runs(u.t));
		hosted_pass(1);
		CHECK(runs(user.root) && context_of(&u)->spent);
		hosted_pass(199);
		CHECK(runs(user.root));
		hosted_pass(1);
		CHECK(runs(u.t) && !context_of(&u)->spent);
		ANSWERS(OK, u.context, CONTEXT_QUERY, 0);
		CHECK_EQUAL(last.w[4], 100 * period);
	}
	hosted_pass(50);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 100, 300, 0); /* begins anew */
	hosted_pass(99);
	CHECK(runs(u.t));
	hosted_pass(1);
	CHECK(runs(user.root));
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 40, 300, 0); /* while it is spent: it may run at once */
	CHECK(runs(u.t));
	hosted_pass(40);
	CHECK(runs(user.root));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u.context); /* spent */
	hosted_pass(1000);
	CHECK(runs(user.root));
}

/* A budget that nothing used up lasts for the period in which it is used first. */
static void unused_budget(void)
{
	struct user_thread u = start(100);

	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 100, 300, 0);
	hosted_pass(5000);
	ANSWERS(OK, u.handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	CHECK(runs(u.t) && context_of(&u)->period_end == hosted.clock + 300 && context_of(&u)->left == 100);
	hosted_pass(60);
	ANSWERS(OK, u.handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
	CHECK(runs(user.root));
	hosted_pass(10);
	CHECK_EQUAL(context_of(&u)->left, 40);
	ANSWERS(OK, u.handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	hosted_pass(40);
	CHECK(runs(user.root) && context_of(&u)->refill.time == context_of(&u)->period_end);
}

/* Who asks for it only when it waits for the refill gets it at once. */
static void no_time_late(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0);
	struct user_thread handler = start(210), u;

	receive(&handler, endpoint);
	u = user_start(BOOT_SPACE, 200, HANDLE_NONE, endpoint);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 100, 300, 0);
	hosted_pass(100);
	CHECK(runs(user.root) && context_of(&u)->spent);
	ANSWERS(OK, u.handle, THREAD_NO_TIME, 1);
	CHECK(runs(handler.t) && user_result(handler.t).w[0] == EXCEPTION_NO_TIME && u.t->state == THREAD_FAULTED);
}

/* Who asked for it gets an exception instead of a wait; without more time it comes again. */
static void no_time(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0);
	struct user_thread handler = start(210), u;

	receive(&handler, endpoint);
	u = user_start(BOOT_SPACE, 200, HANDLE_NONE, endpoint);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_NO_TIME, 2);
	ANSWERS(OK, u.handle, THREAD_NO_TIME, 1);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 100, 300, 0);
	hosted_pass(100);
	CHECK(runs(handler.t) && user_result(handler.t).w[0] == EXCEPTION_NO_TIME && u.t->state == THREAD_FAULTED);
	user_ipc(handler.t, HANDLE_REPLY, endpoint, tag_make(ANSWER_RETRY, 0, 0), WORDS(0));
	CHECK(runs(handler.t) && user_result(handler.t).w[0] == EXCEPTION_NO_TIME);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 0, 50, 300, 0);
	user_ipc(handler.t, HANDLE_REPLY, endpoint, tag_make(ANSWER_RETRY, 0, 0), WORDS(0));
	CHECK(runs(u.t));
	hosted_pass(50);
	CHECK(runs(handler.t) && user_result(handler.t).w[0] == EXCEPTION_NO_TIME);
	ANSWERS(OK, u.handle, THREAD_NO_TIME, 0);
	user_ipc(handler.t, HANDLE_REPLY, endpoint, tag_make(ANSWER_RETRY, 0, 0), WORDS(0));
	CHECK(runs(user.root) && u.t->state == THREAD_READY); /* waits, for it asks no more */
	hosted_pass(250);
	CHECK(runs(u.t));
}

/* ---- lending ---- */

static struct user_thread chain[3]; /* the first one calls the second, that one the third, which runs */
static handle_t endpoint[2];

static void make_chain(bool passive)
{
	for (unsigned i = 2; i > 0; i--) {
		endpoint[i - 1] = user_make(KIND_ENDPOINT, 0);
		chain[i] = start((uint8_t)(200 + i));
		receive(&chain[i], endpoint[i - 1]);
		if (passive)
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, chain[i].context);
	}
	chain[0] = start(200);
	call(&chain[0], endpoint[0]);
	CHECK(runs(chain[1].t) && chain[1].t->active == context_of(&chain[0]));
	user_result(chain[1].t);
	call(&chain[1], endpoint[1]);
	CHECK(runs(chain[2].t) && chain[2].t->active == context_of(&chain[0]) && !chain[1].t->active && !chain[0].t->active);
	user_result(chain[2].t);
}

static void answers(void)
{
	for (unsigned passive = 0; passive < 2; passive++) {
		make_chain(passive);
		user_ipc(chain[2].t, HANDLE_REPLY, endpoint[1], 0, WORDS(7));
		CHECK(runs(chain[1].t) && user_result(chain[1].t).w[0] == 7 && chain[1].t->active == context_of(&chain[0]));
		user_ipc(chain[1].t, HANDLE_REPLY, endpoint[0], 0, WORDS(8));
		CHECK(runs(chain[0].t) && user_result(chain[0].t).w[0] == 8 && chain[0].t->active == context_of(&chain[0]));
		CHECK((passive != 0) == !chain[1].t->active && (passive != 0) == !chain[2].t->active);
		ANSWERS(OK, chain[0].handle, THREAD_STOP, 0);
		CHECK(runs(user.root));
	}
}

/* The first answer after a saved Reply: the loan ends when the server receives again. */
static void saved(void)
{
	handle_t slot = user_slots(1);

	make_chain(false);
	ANSWERS(OK, chain[2].handle, THREAD_SAVE_REPLY, slot);
	CHECK(chain[2].t->active == context_of(&chain[0]));
	receive(&chain[2], endpoint[1]);
	CHECK(runs(user.root) && chain[2].t->active == context_of(&chain[2]) && !context_of(&chain[0])->user);
	user_ipc(user.root, slot, HANDLE_NONE, 0, WORDS(9));
	CHECK(runs(chain[1].t) && user_result(chain[1].t).w[0] == 9 && chain[1].t->active == context_of(&chain[0]));
}

enum end { ABORT, STOP, DELETE, CONTEXT, ENDS };

/* Who runs (3: the root component) when one of the three, or its context, has ended. */
static const uint8_t runs_then[ENDS][3][2] = {
	/*            first    second  third; with servers that have contexts, or have none */
	[ABORT] = {{2, 0}, {2, 1}, {2, 2}},
	[STOP] = {{2, 3}, {2, 3}, {3, 3}},
	[DELETE] = {{2, 3}, {2, 0}, {1, 1}},
	[CONTEXT] = {{2, 3}, {2, 2}, {2, 2}},
};

/* The third, which runs, does it. */
static void do_end(enum end how, const struct user_thread *victim)
{
	if (how == ABORT)
		user_call(victim->handle, THREAD_ABORT, WORDS(0));
	else if (how == STOP)
		user_call(victim->handle, THREAD_STOP, WORDS(0));
	else
		user_call(BOOT_SPACE, SPACE_DELETE, WORDS(how == DELETE ? victim->handle : victim->context));
}

static void clean_up(void)
{
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 255, BOOT_CONTEXT);
	for (unsigned i = 0; i < 3; i++) {
		user_call(BOOT_SPACE, SPACE_DELETE, WORDS(chain[i].handle));
		user_call(BOOT_SPACE, SPACE_DELETE, WORDS(chain[i].context));
	}
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
}

static void ends(void)
{
	for (unsigned i = 0; i < ENDS * 3 * 2; i++) {
		unsigned passive = i % 2, victim = i / 2 % 3, then;
		enum end how = (enum end)(i / 6);

		if (how == CONTEXT && passive && victim)
			continue; /* it has none */
		make_chain(passive);
		do_end(how, &chain[victim]);
		then = runs_then[how][victim][passive];
		if (!CHECK(runs(then == 3 ? user.root : chain[then].t)))
			give_up(how == ABORT ? "abort" : how == STOP ? "stop" : how == DELETE ? "delete" : "context");
		if (how == DELETE && victim == 1 && passive)
			CHECK_EQUAL(user_result(chain[0].t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
		if (how == ABORT && victim == 0 && passive)
			CHECK_EQUAL(user_result(chain[0].t).status, status_make(ERROR_ABORTED, PHASE_RECEIVE, 0));
		hosted_act(0);
		ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 255, BOOT_CONTEXT);
		CHECK(runs(user.root));
		clean_up();
	}
}

/* The lent budget is spent: a server with a context goes on with it, one without waits in its caller's place. */
static void lent_and_spent(void)
{
	make_chain(false);
	ANSWERS(OK, chain[0].context, CONTEXT_CONFIGURE, 0, 100, 500, 0);
	hosted_pass(100);
	CHECK(runs(chain[2].t) && chain[2].t->active == context_of(&chain[2]) && context_of(&chain[0])->spent);
	user_ipc(chain[2].t, HANDLE_REPLY, endpoint[1], 0, WORDS(0));
	CHECK(runs(user.root) && chain[1].t->active == context_of(&chain[0])); /* it came back, and has no time left */
	hosted_pass(400);
	CHECK(runs(chain[1].t));
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 255, BOOT_CONTEXT);
	clean_up();
	make_chain(true);
	ANSWERS(OK, chain[0].context, CONTEXT_CONFIGURE, 0, 100, 500, 0);
	hosted_pass(100);
	CHECK(runs(user.root) && chain[2].t->state == THREAD_READY);
	hosted_pass(400);
	CHECK(runs(chain[2].t));
}

/* A server is at least as high as its caller was at the call, until it receives again. */
static void inheritance(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0);
	struct user_thread client, server = start(150);

	CHECK(runs(server.t));
	receive(&server, e);
	client = start(200);
	call(&client, e);
	CHECK(runs(server.t) && server.t->effective == 200 && server.t->priority == 150);
	user_result(server.t);
	ANSWERS(OK, server.handle, THREAD_PRIORITY, 210, BOOT_CONTEXT);
	CHECK_EQUAL(server.t->effective, 210);
	ANSWERS(OK, server.handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
	CHECK(runs(server.t) && server.t->effective == 200);
	user_ipc(server.t, HANDLE_REPLY, HANDLE_NONE, 0, WORDS(0));
	CHECK(runs(client.t) && server.t->effective == 100);
}

/* A thread whose context another one gets does not run on it. */
static void rebinding(void)
{
	struct user_thread u = start(200), other;

	ANSWERS(OK, u.handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, u.context);
	other = start(110);
	ANSWERS(ERROR_BUSY, other.handle, THREAD_CONFIGURE, CONFIGURE_CONTEXT, 0, 0, 0, u.context);
	ANSWERS(OK, other.handle, THREAD_STOP, 0);
	ANSWERS(OK, other.handle, THREAD_CONFIGURE, CONFIGURE_CONTEXT, 0, 0, 0, u.context);
	CHECK(context_of(&u)->owner == other.t && other.t->active == context_of(&u) && !u.t->active);
	ANSWERS(OK, other.handle, THREAD_RESUME, 0);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 50, BOOT_CONTEXT);
	CHECK(runs(other.t));
}

static const struct test tests[] = {
	{"configuring", configuring},
	{"budgets", budgets},
	{"budgets that nobody uses", unused_budget},
	{"the exception no-time", no_time},
	{"an exception that is asked for late", no_time_late},
	{"answers along a chain", answers},
	{"a saved Reply", saved},
	{"a link of a chain ends", ends},
	{"a lent budget is spent", lent_and_spent},
	{"priorities of callers", inheritance},
	{"another owner", rebinding},
	{NULL, NULL},
};

const struct group context_group = {"context", START_ROOT, tests};
