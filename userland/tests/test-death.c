/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a partner (rules 17, 18, 21): threads destroyed, aborted and stopped in every state of an ipc, Endpoints and
 * Spaces destroyed under those who wait there, and operations that destroy their own caller.
 */
#include "actor.h"
#include "support.h"

enum { CROWD = 72, FOREIGN_ENDPOINT = 20, FOREIGN_SELF = 21, LOW = 60 };

static handle_t endpoint, other, events;
static struct actor first, second, crowd[CROWD];

static const word_t carried = MESSAGE_REGISTERS;

/* ---- abort and stop, in each state ---- */

struct state_case {
	enum thread_state state;
	enum phase phase;
	bool to, from, event, call;
	const char *name;
};

static const struct state_case states[] = {
	{THREAD_SENDING, PHASE_SEND, true, false, false, false, "a thread that waits to send"},
	{THREAD_SENDING, PHASE_SEND, true, true, false, false, "one that waits to send and would receive then"},
	{THREAD_SENDING, PHASE_SEND, true, false, false, true, "a caller that nobody has received"},
	{THREAD_RECEIVING, PHASE_RECEIVE, false, true, false, false, "a thread that waits to receive"},
	{THREAD_RECEIVING, PHASE_RECEIVE, false, false, true, false, "one that waits on a Notification"},
	{THREAD_CALLING, PHASE_RECEIVE, true, false, false, true, "a caller that waits for its answer"},
};

/* Brings the actor into the state. */
static void enter_state(const struct state_case *s)
{
	handle_t from = s->event ? events : s->from ? other : HANDLE_NONE;
	struct message m;

	actor_start(&first, s->to ? endpoint : HANDLE_NONE, from, tag_make(1, carried, 0) | (s->call ? (word_t)TAG_CALL : 0), 1);
	if (s->state == THREAD_CALLING)
		require(message_receive(endpoint, &m, 0));
	require(actor_state(&first) == s->state ? OK : ERROR_BUSY);
}

/* Nothing of the actor is left at the two Endpoints. */
static bool nothing_left(void)
{
	struct message m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 1);
	bool nobody = message_send(other, &m) == ERROR_WOULD_BLOCK;

	m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 1);
	nobody = nobody && message_send(endpoint, &m) == ERROR_WOULD_BLOCK;
	nobody = nobody && message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK;
	require(notification_signal(events, 1));
	return nobody && message_receive(events, &m, TAG_NOWAIT_RECEIVE) == OK;
}

static void check_abort_state(const struct state_case *s)
{
	enter_state(s);
	require(thread_abort(first.worker.thread));
	check(actor_failed(&first, ERROR_ABORTED, s->phase, 0, 0) && nothing_left(),
	      case_name("aborted, it goes on with the error", s->name));
	enter_state(s);
	require(thread_stop(first.worker.thread));
	check(actor_state(&first) == THREAD_STOPPED && first.script->done == 0 && nothing_left(),
	      case_name("stopped, it stands still", s->name));
	require(thread_resume(first.worker.thread));
	check(actor_failed(&first, ERROR_ABORTED, s->phase, 0, 0), case_name("resumed, it goes on with the error", s->name));
	enter_state(s);
	require(thread_stop(first.worker.thread));
	actor_start(&first, HANDLE_NONE, HANDLE_NONE, 0, 0);
	check_error(actor_error(&first), OK, case_name("stopped and started anew, it knows nothing of it", s->name));
}

static void check_destroy_state(struct builder *b, const struct state_case *s)
{
	enter_state(s);
	actor_destroy(b, &first);
	check(nothing_left(), case_name("destroyed, it leaves nothing behind", s->name));
	require(actor_create(b, ACTOR_PRIORITY, &first));
}

static void check_not_blocked(struct builder *b)
{
	struct actor low;
	struct message m;

	check_ok(thread_abort(first.worker.thread), "a stopped thread can be aborted");
	check_equal(actor_state(&first), THREAD_STOPPED, "and stays stopped");
	check_ok(thread_stop(first.worker.thread), "and stopped once more");
	require(actor_create(b, LOW, &low));
	low.script->to = endpoint;
	low.script->from = other;
	low.script->m = message_make(tag_make(1, carried, 0), 5);
	require(worker_begin(&low.worker));
	check_ok(thread_abort(low.worker.thread), "a thread that is ready can be aborted");
	test_settle();
	check_equal(actor_state(&low), THREAD_SENDING, "it makes its call all the same");
	require(message_receive(endpoint, &m, 0));
	require(thread_stop(low.worker.thread));
	require(thread_resume(low.worker.thread));
	test_settle();
	check(actor_failed(&low, ERROR_ABORTED, PHASE_RECEIVE, 0, 0),
	      "one stopped between its two phases finds the second aborted");
	actor_destroy(b, &low);
}

/* ---- partners that are destroyed ---- */

static void check_sender_destroyed(struct builder *b)
{
	struct actor doomed;
	struct message m;

	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	actor_send(&first, endpoint, 1);
	actor_call(&doomed, endpoint, 2);
	actor_send(&second, endpoint, 3);
	actor_destroy(b, &doomed);
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 1 && message_receive(endpoint, &m, 0) == OK && m.w[0] == 3,
	      "the message of a sender that was destroyed is gone, the others keep their order");
	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	actor_receive(&doomed, endpoint);
	actor_receive(&first, endpoint);
	actor_destroy(b, &doomed);
	m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 4);
	check(message_send(endpoint, &m) == OK && actor_got(&first, tag_make(1, carried, 0), 0, 4),
	      "when the first receiver is destroyed, the second gets the message");
	m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 4);
	check_error(message_send(endpoint, &m), ERROR_WOULD_BLOCK, "when the last is, nobody receives");
}

/* An Endpoint outlives its server. */
static void check_server_replaced(struct builder *b)
{
	struct actor server;

	require(actor_create(b, ACTOR_PRIORITY, &server));
	actor_receive(&server, endpoint);
	actor_call(&first, endpoint, 1);
	actor_call(&second, endpoint, 2);
	actor_destroy(b, &server);
	check(actor_failed(&first, ERROR_GONE, PHASE_RECEIVE, 0, 0), "only the call being served fails with its server");
	check_equal(actor_state(&second), THREAD_SENDING, "who has not been received waits for the next server");
	require(actor_create(b, ACTOR_PRIORITY, &server));
	actor_receive(&server, endpoint);
	check(actor_got(&server, tag_make(1, carried, 0) | TAG_CALL, 0, 2), "which takes the call");
	actor_answer(&server, 3);
	check(actor_got(&second, tag_make(0, carried, 0), 0, 3), "and answers it");
	actor_destroy(b, &server);
}

/* ---- Endpoints that are destroyed ---- */

/* Senders, callers and receivers of many priorities wait at two Endpoints; more of them than one step wakes. */
static void check_crowd(struct builder *b)
{
	handle_t senders, receivers, badged;
	unsigned wrong = 0;

	require(build_object(b, KIND_ENDPOINT, 0, &senders));
	require(build_object(b, KIND_ENDPOINT, 0, &receivers));
	require(build_derived(b, senders, RIGHT_SEND, 9, &badged));
	for (unsigned i = 0; i < CROWD; i++) {
		require(thread_priority(crowd[i].worker.thread, ACTOR_PRIORITY + i % 5, PROGRAM_CONTEXT));
		if (i % 3 == 0)
			actor_receive(&crowd[i], receivers);
		else if (i % 3 == 1)
			actor_call(&crowd[i], badged, i);
		else
			actor_start(&crowd[i], senders, other, tag_make(1, carried, 0), i);
	}
	check_ok(space_delete(PROGRAM_SPACE, senders), "an Endpoint with dozens of senders can be destroyed");
	check_ok(space_delete(PROGRAM_SPACE, receivers), "and one with dozens of receivers");
	check(slot_empty(senders) && slot_empty(badged), "all handles to it are empty");
	for (unsigned i = 0; i < CROWD; i++)
		wrong += !actor_failed(&crowd[i], ERROR_GONE, i % 3 == 0 ? PHASE_RECEIVE : PHASE_SEND, 0, 0);
	check_equal(wrong, 0, "everyone who waited is told: gone");
	builder_put_slots(b, senders, 1);
	builder_put_slots(b, receivers, 1);
	builder_put_slots(b, badged, 1);
}

/* What an Endpoint's end does not end. */
static void check_endpoint_gone(struct builder *b)
{
	handle_t doomed, weak;
	struct message m;

	require(build_object(b, KIND_ENDPOINT, 0, &doomed));
	actor_call(&first, doomed, 1);
	require(message_receive(doomed, &m, 0));
	builder_release(b, doomed);
	check_equal(actor_state(&first), THREAD_CALLING, "a call that was received outlives its Endpoint");
	m = message_make(tag_make(0, carried, 0), 2);
	check(message_answer(&m) == OK && actor_got(&first, tag_make(0, carried, 0), 0, 2), "its answer arrives");
	require(build_object(b, KIND_ENDPOINT, 0, &doomed));
	require(build_derived(b, doomed, RIGHTS_ALL, 0, &weak));
	actor_receive(&first, weak);
	actor_receive(&second, doomed);
	require(space_revoke(PROGRAM_SPACE, doomed));
	check(slot_empty(weak) && actor_state(&first) == THREAD_RECEIVING,
	      "who waits in a receive goes on waiting without its handle");
	m = message_make(tag_make(1, carried, 0), 3);
	check(message_send(doomed, &m) == OK && actor_got(&first, tag_make(1, carried, 0), 0, 3), "for that one message");
	builder_put_slots(b, weak, 1);
	builder_release(b, doomed);
	check(actor_failed(&second, ERROR_GONE, PHASE_RECEIVE, 0, 0), "until the Endpoint itself is destroyed");
	require(build_object(b, KIND_ENDPOINT, 0, &doomed));
	m = message_make(tag_make(1, carried, 0), 3);
	actor_receive(&first, doomed);
	check(message_send(doomed, &m) == OK && actor_got(&first, tag_make(1, carried, 0), 0, 3),
	      "a new one knows nothing of the old");
	builder_release(b, doomed);
}

/* The memory that an Endpoint was made of is taken back. */
static void check_untyped_revoked(struct builder *b)
{
	handle_t untyped, doomed = builder_take_slots(b, 1);

	require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &untyped));
	require(untyped_create(untyped, KIND_ENDPOINT, 0, 1, MEMORY_NORMAL, doomed));
	actor_call(&first, doomed, 1);
	actor_send(&second, doomed, 1);
	check_ok(space_revoke(PROGRAM_SPACE, untyped), "the Untyped of an Endpoint is revoked while threads wait there");
	check(actor_failed(&first, ERROR_GONE, PHASE_SEND, 0, 0) && actor_failed(&second, ERROR_GONE, PHASE_SEND, 0, 0),
	      "they are told: gone");
	check_ok(untyped_reset(untyped), "the memory is free again");
	builder_put_slots(b, doomed, 1);
	builder_release(b, untyped);
}

/* ---- Spaces that are destroyed ---- */

static void check_space_destroyed(struct builder *b)
{
	handle_t inside;
	struct domain d;
	struct actor foreign;
	struct message m;

	require(domain_create(b, DOMAIN_POOL, &d));
	require(actor_create(b, ACTOR_PRIORITY, &foreign));
	require(actor_move(&d, &foreign));
	require(space_derive(d.space, endpoint, FOREIGN_ENDPOINT, RIGHTS_ALL));
	require(build_object(b, KIND_ENDPOINT, 0, &inside));
	actor_call(&first, inside, 1);
	require(space_move(d.space, inside, FOREIGN_SELF));
	actor_send(&foreign, FOREIGN_ENDPOINT, 2);
	domain_destroy(b, &d);
	check(actor_failed(&first, ERROR_GONE, PHASE_SEND, 0, 0),
	      "an Endpoint that lies in a Space is destroyed with it: its senders are told");
	check_equal(actor_state(&foreign), THREAD_STOPPED, "threads of a destroyed Space are stopped");
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK,
		    "what they were about to send is gone");
	check_error(thread_resume(foreign.worker.thread), ERROR_BAD_ARGUMENT, "without a Space none can be resumed");
	builder_put_slots(b, inside, 1);
	actor_destroy(b, &foreign);
}

/* ---- operations that destroy their own caller ---- */

static void check_suicide(struct builder *b)
{
	struct actor doomed;
	handle_t thread;

	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	thread = doomed.worker.thread;
	actor_call(&first, endpoint, 1);
	actor_receive(&doomed, endpoint);
	doomed.script->to = PROGRAM_SPACE;
	doomed.script->from = HANDLE_NONE;
	doomed.script->m = message_make(tag_make(SPACE_DELETE, 1, 0), thread);
	doomed.script->done = 0;
	require(worker_begin(&doomed.worker));
	check(slot_empty(thread) && doomed.script->done == 0, "a thread can delete itself: that does not return");
	check(actor_failed(&first, ERROR_GONE, PHASE_RECEIVE, 0, 0), "the caller that it served is told");
	actor_destroy(b, &doomed);
}

/* A thread revokes the Untyped that it, its context, its stack and its Endpoint were made of. */
static void check_suicide_untyped(struct builder *b)
{
	handle_t untyped, outer = b->untyped, doomed_endpoint;
	struct actor doomed;

	require(build_object(b, KIND_UNTYPED, 128 * 1024, &untyped));
	b->untyped = untyped;
	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	require(build_object(b, KIND_ENDPOINT, 0, &doomed_endpoint));
	b->untyped = outer;
	actor_send(&first, doomed_endpoint, 1);
	doomed.script->to = PROGRAM_SPACE;
	doomed.script->from = HANDLE_NONE;
	doomed.script->m = message_make(tag_make(SPACE_REVOKE, 1, 0), untyped);
	require(worker_begin(&doomed.worker));
	check(slot_empty(doomed.worker.thread) && slot_empty(doomed.worker.memory) && slot_empty(doomed.worker.context) &&
		      slot_empty(doomed_endpoint),
	      "a thread can revoke the memory that it is made of: everything goes, to the last");
	check(actor_failed(&first, ERROR_GONE, PHASE_SEND, 0, 0), "who waited at an Endpoint in it is told");
	check_ok(untyped_reset(untyped), "all of the memory is free again");
	actor_destroy(b, &doomed);
	builder_put_slots(b, doomed_endpoint, 1);
	builder_release(b, untyped);
}

/* A thread deletes the original capability of its Space, which lies in that Space's own table. */
static void check_suicide_space(struct builder *b)
{
	handle_t space;
	struct domain d;
	struct actor doomed;

	require(domain_create(b, DOMAIN_POOL, &d));
	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	require(actor_move(&d, &doomed));
	space = d.space;
	require(space_move(space, space, FOREIGN_SELF));
	check(slot_empty(space), "a Space can hold its own original capability");
	actor_start(&doomed, FOREIGN_SELF, HANDLE_NONE, tag_make(SPACE_DELETE, 1, 0), FOREIGN_SELF);
	check(actor_state(&doomed) == THREAD_STOPPED && doomed.script->done == 0,
	      "a thread can destroy its Space through it: that does not return");
	actor_destroy(b, &doomed);
	domain_destroy(b, &d);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 8 * 1024 * 1024, &outer));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &other));
	require(build_object(b, KIND_NOTIFICATION, 0, &events));
	require(actor_create(b, ACTOR_PRIORITY, &first));
	require(actor_create(b, ACTOR_PRIORITY, &second));
	for (unsigned i = 0; i < CROWD; i++)
		require(actor_create(b, ACTOR_PRIORITY, &crowd[i]));
	for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
		check_abort_state(&states[i]);
		check_destroy_state(b, &states[i]);
	}
	check_not_blocked(b);
	check_sender_destroyed(b);
	check_server_replaced(b);
	check_crowd(b);
	check_endpoint_gone(b);
	check_untyped_revoked(b);
	check_space_destroyed(b);
	check_suicide(b);
	check_suicide_untyped(b);
	check_suicide_space(b);
	for (unsigned i = CROWD; i > 0; i--)
		actor_destroy(b, &crowd[i - 1]);
	actor_destroy(b, &second);
	actor_destroy(b, &first);
	builder_release(b, events);
	builder_release(b, other);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
