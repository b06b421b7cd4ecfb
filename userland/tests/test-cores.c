/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cores: calls, signals, stops and ends between threads and objects of different cores, each by itself; test-turmoil has
 * all of them at once. With one core only, all of them live on core 0 and the same cases must hold.
 */
#include "placing.h"
#include "print.h"
#include "support.h"

enum { ROUNDS = 200, CORES = 4, PRIORITY = 101, SAME = 100, HOME = 128 * 1024, LOOKS = 200, LABEL_ADD = 1 };

static struct builder *b;

/* ---- calls ---- */

/* Adds one to the first word of each message. */
static void adder(word_t endpoint)
{
	struct message m = {0};

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		m.w[0]++;
		m.tag = tag_make(OK, 1, 0);
		if (message_answer_receive(endpoint, &m) != OK)
			return;
	}
}

/* A server on one core, its Endpoint at home on another, called from a third. */
static void check_call(unsigned endpoint_core, unsigned server_core, bool passive)
{
	struct message m = {0};
	struct worker server;
	handle_t endpoint;
	word_t sum = 0;

	require(build_object(b, KIND_ENDPOINT, core_of(endpoint_core), &endpoint));
	require(worker_create(b, adder, endpoint, PRIORITY, &server));
	place(&server, server_core);
	require(worker_begin(&server));
	if (passive) {
		m.w[0] = 0;
		require(object_call(endpoint, LABEL_ADD, 1, &m));
		worker_make_passive(b, &server);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		m.w[0] = sum;
		if (object_call(endpoint, LABEL_ADD, 1, &m) != OK)
			break;
		sum = m.w[0];
	}
	check_equal(sum, ROUNDS, passive ? "a passive server is called across cores" : "a server is called across cores");
	worker_destroy(b, &server);
	builder_release(b, endpoint);
}

/* ---- what can happen to a thread of another core ---- */

static volatile word_t steps;
static volatile word_t status; /* of its ipc, when it came back */
static handle_t far;           /* an Endpoint of another core than the thread's */

static void spin(word_t unused)
{
	(void)unused;
	for (;;)
		steps++;
}

/* Goes to the other core and back all the time. */
static void wander(word_t unused)
{
	(void)unused;
	for (;;) {
		struct message m = {.tag = tag_make(1, 0, 0) | TAG_NOWAIT_SEND};

		(void)message_send(far, &m);
		steps++;
	}
}

static void wait_far(word_t unused)
{
	struct message m;

	(void)unused;
	status = message_receive(far, &m, 0);
	steps++;
}

static void call_far(word_t unused)
{
	struct message m = {.tag = 0};

	(void)unused;
	status = object_call(far, LABEL_ADD, 0, &m);
	steps++;
}

/* Nobody makes a step any more. */
static bool all_still(void)
{
	word_t before = steps;

	for (unsigned i = 0; i < LOOKS; i++)
		yield();
	return steps == before;
}

/* A thread on `core` that its memory's Untyped `home` is made of. */
static void begin(void (*entry)(word_t), unsigned core, handle_t home, struct worker *w)
{
	handle_t outer = b->untyped;

	steps = 0;
	status = ERROR_COUNT;
	b->untyped = home;
	require(worker_create(b, entry, 0, SAME, w)); /* it takes turns with this one where both are on one core */
	b->untyped = outer;
	place(w, core);
	require(worker_begin(w));
}

static void check_stop(unsigned core, handle_t home)
{
	struct worker w;
	word_t value;

	begin(spin, core, home, &w);
	check(changes(&steps, 0), case_name("a thread runs on its core", core_of(core) != 0 ? "another" : "this"));
	check_ok(thread_stop(w.thread), "it can be stopped from here");
	check(all_still(), "and has stopped when the call returns");
	check_ok(thread_read(w.thread, REGISTERS_GENERAL, 0, 1, &value), "its registers can be read then");
	value = steps;
	check_ok(thread_resume(w.thread), "it can be resumed");
	check(changes(&steps, value), "and goes on");
	worker_destroy(b, &w);
	check(all_still(), "destroyed while it runs, it has ended when the call returns");
	check_ok(untyped_reset(home), "and its memory is free");
}

static void check_end(void (*entry)(word_t), unsigned core, enum thread_state state, handle_t home, const char *what)
{
	struct worker w;

	require(build_object(b, KIND_ENDPOINT, core_of(core + 1), &far));
	begin(entry, core, home, &w);
	check(state == THREAD_READY ? changes(&steps, 0) : comes_into(w.thread, state), case_name("a thread of another core", what));
	worker_destroy(b, &w);
	check(all_still() && untyped_reset(home) == OK, case_name("it can be destroyed", what));
	begin(entry, core, home, &w);
	check(state == THREAD_READY ? changes(&steps, 0) : comes_into(w.thread, state), case_name("another one", what));
	check(space_revoke(PROGRAM_SPACE, home) == OK && all_still(), case_name("its memory can be revoked", what));
	worker_destroy(b, &w);
	check_ok(untyped_reset(home), case_name("and is free", what));
	builder_release(b, far);
}

/* Its wait ends with this error, in this phase. */
static void check_told(void (*entry)(word_t), unsigned core, enum thread_state state, bool abort, handle_t home)
{
	enum error error = abort ? ERROR_ABORTED : ERROR_GONE;
	struct worker w;

	require(build_object(b, KIND_ENDPOINT, core_of(core + 1), &far));
	begin(entry, core, home, &w);
	require(comes_into(w.thread, state) ? OK : ERROR_BUSY);
	if (abort)
		check_ok(thread_abort(w.thread), "a wait on another core can be aborted");
	else
		check_ok(space_delete(PROGRAM_SPACE, far), "an Endpoint of another core can be deleted under who waits there");
	check(changes(&steps, 0) && status == error, abort ? "its thread is told" : "who is told");
	worker_destroy(b, &w);
	require(untyped_reset(home));
	if (abort)
		builder_release(b, far);
	else
		builder_put_slots(b, far, 1);
}

void test_run(struct builder *builder)
{
	handle_t home;

	b = builder;
	print("# %u cores\n", cores_count());
	for (unsigned i = 0; i < 8; i++)
		check_call(i & 1, i >> 1 & 1 ? 2 : 0, i >> 2 & 1);
	require(build_object(b, KIND_UNTYPED, HOME, &home));
	for (unsigned core = 0; core < CORES; core++)
		check_stop(core, home);
	for (unsigned core = 1; core < CORES; core++) {
		check_end(spin, core, THREAD_READY, home, "that runs");
		check_end(wander, core, THREAD_READY, home, "that goes from core to core");
		check_end(wait_far, core, THREAD_RECEIVING, home, "that waits on a third");
		check_end(call_far, core, THREAD_SENDING, home, "whose call waits on a third");
		for (unsigned i = 0; i < 4; i++)
			check_told(i % 2 != 0 ? wait_far : call_far, core, i % 2 != 0 ? THREAD_RECEIVING : THREAD_SENDING, i / 2 != 0, home);
	}
	builder_release(b, home);
}
