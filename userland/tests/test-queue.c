/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who comes first: waiting senders and receivers by priority, then in the order of their coming (rule 21), whatever
 * happens to them meanwhile; and the priority that a server runs at (rule 20).
 */
#include "actor.h"

enum { CROWD = 24, LEVELS = 4, ROUNDS = 12, ATTEMPTS = 20, LOW = 40, MIDDLE = 75, HIGH = 150 };

static handle_t endpoint, second;
static struct actor crowd[CROWD];

static const word_t six = MESSAGE_REGISTERS;

/* ---- a model of the queue ---- */

struct waiter {
	unsigned number, priority;
};

static struct waiter model[CROWD];
static unsigned waiting;
static uint32_t seed = 1;

static unsigned random_below(unsigned limit)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % limit;
}

static void model_insert(unsigned number, unsigned priority)
{
	unsigned at = waiting++;

	for (; at > 0 && model[at - 1].priority < priority; at--)
		model[at] = model[at - 1];
	model[at] = (struct waiter){.number = number, .priority = priority};
}

static struct waiter model_remove(unsigned at)
{
	struct waiter removed = model[at];

	waiting--;
	for (; at < waiting; at++)
		model[at] = model[at + 1];
	return removed;
}

static void set_priority(const struct actor *a, unsigned priority)
{
	require(thread_priority(a->worker.thread, priority, PROGRAM_CONTEXT));
}

/* The whole crowd comes to the endpoint, to send, to call or to receive, then some change their priority or leave. */
static void gather(bool receivers)
{
	waiting = 0;
	for (unsigned i = 0; i < CROWD; i++) {
		unsigned priority = ACTOR_PRIORITY + random_below(LEVELS);

		set_priority(&crowd[i], priority);
		if (receivers)
			actor_receive(&crowd[i], endpoint);
		else if (random_below(2) != 0)
			actor_call(&crowd[i], endpoint, i);
		else
			actor_send(&crowd[i], endpoint, i);
		model_insert(i, priority);
	}
	for (unsigned i = 0; i < CROWD / 2; i++) {
		struct waiter w = model[random_below(waiting)];
		unsigned priority = ACTOR_PRIORITY + random_below(LEVELS), at = 0;

		while (model[at].number != w.number)
			at++;
		if (random_below(3) == 0) {
			require(thread_abort(crowd[w.number].worker.thread));
			(void)model_remove(at);
		} else if (priority != w.priority) {
			set_priority(&crowd[w.number], priority);
			(void)model_remove(at);
			model_insert(w.number, priority);
		}
	}
}

static void check_senders(void)
{
	unsigned wrong = 0, strangers = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct message m;

		gather(false);
		while (waiting > 0) {
			struct waiter expected = model_remove(0);

			wrong += message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) != OK || m.w[0] != expected.number;
			if ((m.tag & TAG_CALL) == 0)
				continue;
			m = message_make(tag_make(0, six, 0), 0);
			wrong += message_answer(&m) != OK;
		}
		strangers += message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) != ERROR_WOULD_BLOCK;
		for (unsigned i = 0; i < CROWD; i++)
			strangers += actor_state(&crowd[i]) != THREAD_STOPPED;
	}
	check_equal(wrong, 0,
		    "waiting senders and callers are received by priority, then first come first served, "
		    "though some leave and some change priority");
	check_equal(strangers, 0, "each once, and those who left not at all");
}

static void check_receivers(void)
{
	unsigned wrong = 0, strangers = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct message m;

		gather(true);
		for (word_t sent = 0; waiting > 0; sent++) {
			struct waiter expected = model_remove(0);

			m = message_make(tag_make(1, six, 0) | TAG_NOWAIT_SEND, sent);
			wrong += message_send(endpoint, &m) != OK;
			wrong += !actor_got(&crowd[expected.number], tag_make(1, six, 0), 0, sent);
		}
		m = message_make(tag_make(1, six, 0) | TAG_NOWAIT_SEND, 0);
		strangers += message_send(endpoint, &m) != ERROR_WOULD_BLOCK;
		for (unsigned i = 0; i < CROWD; i++)
			strangers += actor_state(&crowd[i]) != THREAD_STOPPED;
	}
	check_equal(wrong, 0,
		    "of several receivers the one of the highest priority, then the first to come, gets the message");
	check_equal(strangers, 0, "each gets one, and those who left get none");
}

/* A change to the priority that a waiter has already does not cost it its place. */
static void check_same_priority(void)
{
	struct message m;

	for (unsigned i = 0; i < 3; i++) {
		set_priority(&crowd[i], ACTOR_PRIORITY);
		actor_send(&crowd[i], endpoint, i);
	}
	set_priority(&crowd[0], ACTOR_PRIORITY);
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 0,
	      "setting the same priority again keeps the place in the queue");
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 1 && message_receive(endpoint, &m, 0) == OK && m.w[0] == 2,
	      "and that of the others");
}

/* ---- the priority of a server ---- */

static volatile word_t ran; /* a thread of middle priority ran so often */

static void count_run(word_t argument)
{
	(void)argument;
	ran++;
}

/* Answers each call with its own effective priority, and with `ran`. Label 2: it asks the next server first. */
static void tell_priority(word_t from)
{
	struct thread_report report = {.state = THREAD_STOPPED};
	struct message m;

	(void)message_receive(from, &m, 0);
	for (;;) {
		struct message next = {.tag = tag_make(1, 0, 0)};

		if (tag_label(m.tag) == 2)
			(void)message_call(second, &next);
		(void)thread_query(worker_self(), &report);
		m = (struct message){.tag = tag_make(OK, 3, 0), .w = {report.effective, ran, next.w[0]}};
		(void)message_answer_receive(from, &m);
	}
}

static word_t effective(handle_t thread)
{
	struct thread_report report = {.effective = 0};

	require(thread_query(thread, &report));
	return report.effective;
}

static void server_begin(struct builder *b, handle_t from, word_t priority, struct worker *server)
{
	require(worker_create(b, tell_priority, from, priority, server));
	require(worker_begin(server));
	test_settle();
}

static void check_raised(struct builder *b)
{
	struct worker low, lower, high, middle;
	struct message m = {.tag = 0};

	server_begin(b, endpoint, LOW, &low);
	server_begin(b, second, LOW - 1, &lower);
	require(worker_create(b, count_run, 0, MIDDLE, &middle));
	ran = 0;
	require(worker_begin(&middle));
	check(object_call(endpoint, 1, 0, &m) == OK && m.w[0] == TEST_PRIORITY,
	      "a server of low priority runs at its caller's");
	check_equal(m.w[1], 0, "so nobody between the two delays the call");
	check_equal(effective(low.thread), LOW, "with the answer it falls back to its own");
	check(object_call(endpoint, 2, 0, &m) == OK && m.w[0] == TEST_PRIORITY && m.w[2] == TEST_PRIORITY,
	      "a server's server runs at the priority of the first caller");
	check(effective(lower.thread) == LOW - 1 && effective(low.thread) == LOW && ran == 0, "each falls back to its own");
	test_settle();
	check_equal(ran, 1, "the thread in between runs when nobody above it can");
	worker_destroy(b, &middle);
	worker_destroy(b, &lower);
	worker_destroy(b, &low);
	server_begin(b, endpoint, HIGH, &high);
	check(object_call(endpoint, 1, 0, &m) == OK && m.w[0] == HIGH, "a server above its caller keeps its own priority");
	worker_destroy(b, &high);
}

static void check_not_raised(struct builder *b)
{
	struct message m = message_make(tag_make(1, 1, 0), 0);
	struct actor receiver;

	require(actor_create(b, LOW, &receiver));
	actor_receive(&receiver, endpoint);
	test_settle();
	require(message_send(endpoint, &m));
	check_equal(actor_effective(&receiver), LOW, "a plain send raises nobody");
	test_settle();
	actor_destroy(b, &receiver);
}

/* The test itself serves. */
static void check_queued_call(void)
{
	struct message m;

	set_priority(&crowd[0], ACTOR_PRIORITY);
	set_priority(&crowd[1], HIGH);
	actor_call(&crowd[0], endpoint, 1);
	check_equal(effective(PROGRAM_THREAD), TEST_PRIORITY, "a call that nobody has taken raises nobody");
	require(message_receive(endpoint, &m, 0));
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY,
		    "taking a waiting call raises the server to the caller's priority");
	set_priority(&crowd[0], HIGH);
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY,
		    "it is fixed at the call: raising the caller later does not matter");
	actor_call(&crowd[1], endpoint, 2);
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY, "nor does a more urgent caller in the queue");
	m = message_make(tag_make(0, six, 0), 3);
	check(ipc(HANDLE_REPLY, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) && m.w[0] == 2,
	      "answer and receive the next");
	check_equal(effective(PROGRAM_THREAD), HIGH, "which raises the server to its own caller's priority");
	m = message_make(tag_make(0, six, 0), 4);
	require(message_answer(&m));
	check_equal(effective(PROGRAM_THREAD), TEST_PRIORITY, "after the last answer the server has its own priority again");
	set_priority(&crowd[0], ACTOR_PRIORITY);
	set_priority(&crowd[1], ACTOR_PRIORITY);
}

/* Its own priority changes while it serves. */
static void check_changed_while_serving(void)
{
	struct message m;

	actor_call(&crowd[0], endpoint, 1);
	require(message_receive(endpoint, &m, 0));
	require(thread_priority(PROGRAM_THREAD, HIGH, PROGRAM_CONTEXT));
	check_equal(effective(PROGRAM_THREAD), HIGH,
		    "a server whose own priority is set above its caller's has that at once");
	require(thread_priority(PROGRAM_THREAD, LOW, PROGRAM_CONTEXT));
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY, "set below, its caller's priority holds");
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT));
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY, "and still holds when it is set to something between");
	require(thread_abort(crowd[0].worker.thread));
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY,
		    "the caller's death changes nothing before the next receive or answer");
	m = message_make(tag_make(0, six, 0), 3);
	require(message_answer(&m));
	check_equal(effective(PROGRAM_THREAD), TEST_PRIORITY, "then its own holds, as it was set last");
}

/* Of two callers one has its Reply saved. */
static void check_saved(struct builder *b)
{
	handle_t slot = builder_take_slots(b, 1);
	struct message m;

	set_priority(&crowd[0], HIGH);
	actor_call(&crowd[0], endpoint, 1);
	require(message_receive(endpoint, &m, 0));
	require(thread_save_reply(PROGRAM_THREAD, slot));
	check_equal(effective(PROGRAM_THREAD), HIGH, "saving the Reply changes no priority");
	actor_call(&crowd[1], endpoint, 2);
	require(message_receive(endpoint, &m, 0));
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY, "the next receive does: now it runs at its new caller's");
	m = message_make(tag_make(0, six, 0), 3);
	check(ipc(slot, HANDLE_NONE, &m) == OK && actor_got(&crowd[0], tag_make(0, six, 0), 0, 3),
	      "the saved Reply is answered");
	check_equal(effective(PROGRAM_THREAD), ACTOR_PRIORITY,
		    "that leaves the priority of the caller that is being served");
	m = message_make(tag_make(0, six, 0), 4);
	require(message_answer(&m));
	check_equal(effective(PROGRAM_THREAD), TEST_PRIORITY, "the last answer takes it away");
	set_priority(&crowd[0], ACTOR_PRIORITY);
	builder_put_slots(b, slot, 1);
}

/* A call goes to the server at once, past others who are ready at the same priority. A time slice may end in between,
   so it need not happen every time. */
static void check_direct_switch(struct builder *b)
{
	unsigned direct = 0;
	struct worker server, other;
	struct message m = {.tag = 0};

	server_begin(b, endpoint, LOW, &server);
	require(worker_create(b, count_run, 0, TEST_PRIORITY, &other));
	for (unsigned i = 0; i < ATTEMPTS && direct == 0; i++) {
		ran = 0;
		require(worker_begin(&other));
		require(object_call(endpoint, 1, 0, &m));
		direct += m.w[1] == 0 && ran == 0;
		test_settle();
	}
	check(direct != 0, "a call and its answer switch directly, past others of the same priority");
	worker_destroy(b, &other);
	worker_destroy(b, &server);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 2 * 1024 * 1024, &outer));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &second));
	for (unsigned i = 0; i < CROWD; i++)
		require(actor_create(b, ACTOR_PRIORITY, &crowd[i]));
	check_senders();
	check_receivers();
	check_same_priority();
	check_raised(b);
	check_not_raised(b);
	check_queued_call();
	check_changed_while_serving();
	check_saved(b);
	check_direct_switch(b);
	for (unsigned i = CROWD; i > 0; i--)
		actor_destroy(b, &crowd[i - 1]);
	builder_release(b, second);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
