/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SchedContexts that are moved from core to core while their thread runs, waits, calls and serves: the thread follows, loses
 * no message and is never held up.
 */
#include "placing.h"
#include "print.h"

enum { PRIORITY = 100, MOVES = 24, MOVES_WANTED = 100, CALLS_MIN = 100, YIELD_EACH = 64, LABEL_ADD = 1 };

static volatile word_t count;

static void run_counter(word_t unused)
{
	(void)unused;
	for (word_t i = 1;; i++) {
		count++;
		if (i % YIELD_EACH == 0)
			yield();
	}
}

static void check_running(struct builder *b)
{
	struct context_state state = {.core = ~(word_t)0};
	unsigned moved = 0, went_on = 0;
	struct worker w;

	require(worker_create(b, run_counter, 0, PRIORITY, &w));
	require(worker_begin(&w));
	for (unsigned i = 0; i < MOVES; i++) {
		place(&w, i);
		require(context_query(w.context, &state));
		moved += state.core == core_of(i);
		went_on += changes(&count, count);
	}
	check_equal(moved, MOVES, "the context of a thread that runs can be moved from core to core");
	check_equal(went_on, MOVES, "and the thread goes on there");
	check(state.consumed > 0, "the context counts what it consumed on all of them");
	worker_destroy(b, &w);
}

static void run_sum(word_t from)
{
	struct message m;

	for (;;)
		if (message_receive(from, &m, 0) == OK)
			count += m.w[0];
}

static void check_waiting(struct builder *b, unsigned home)
{
	handle_t endpoint;
	unsigned sent = 0;
	struct worker w;

	count = 0;
	require(build_object(b, KIND_ENDPOINT, core_of(home), &endpoint));
	require(worker_create(b, run_sum, endpoint, PRIORITY + 1, &w));
	require(worker_begin(&w));
	for (unsigned i = 0; i < MOVES; i++) {
		struct message m = {.tag = tag_make(1, 1, 0), .w = {1}};

		place(&w, i);
		sent += message_send(endpoint, &m) == OK;
	}
	for (word_t seen = count; seen < sent && changes(&count, seen); seen = count)
		;
	check_equal(count, MOVES, "a thread whose context is moved while it waits gets every message");
	worker_destroy(b, &w);
	builder_release(b, endpoint);
}

static void run_adder(word_t endpoint)
{
	struct message m = {0};

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		m.w[0]++;
		m.tag = tag_make(OK, 1, 0);
		(void)message_answer_receive(endpoint, &m);
	}
}

/* Moves two contexts about until it is told to stop. */
static struct {
	handle_t context[2];
	volatile bool stop, stopped;
	volatile word_t moves, refused, other;
} mover;

static void run_mover(word_t unused)
{
	(void)unused;
	for (unsigned i = 0; !mover.stop; i++) {
		enum error error = ERROR_BUSY;

		if (mover.context[i % 2] != HANDLE_NONE)
			error = place_context(mover.context[i % 2], i / 2);
		if (error == OK)
			mover.moves++;
		else if (error == ERROR_BUSY)
			mover.refused++;
		else
			mover.other++;
		yield();
	}
	mover.stopped = true;
}

static struct {
	handle_t endpoint;
	volatile word_t calls, sum;
	volatile bool done;
} client;

static void run_client(word_t unused)
{
	struct message m = {0};

	(void)unused;
	while (mover.moves < MOVES_WANTED || client.calls < CALLS_MIN) {
		client.calls++;
		if (object_call(client.endpoint, LABEL_ADD, 1, &m) != OK)
			break;
		client.sum = m.w[0];
	}
	client.done = true;
}

static void begin_on(struct builder *b, void (*entry)(word_t), word_t argument, unsigned core, struct worker *w)
{
	require(worker_create(b, entry, argument, PRIORITY, w));
	place(w, core);
	require(worker_begin(w));
}

/* A client calls a server while both contexts are moved all the time. */
static void check_calls(struct builder *b, unsigned home, bool passive)
{
	struct worker server, caller, moving;
	struct message m = {0};

	client.calls = client.sum = 0;
	client.done = false;
	require(build_object(b, KIND_ENDPOINT, core_of(home), &client.endpoint));
	begin_on(b, run_adder, client.endpoint, 1, &server);
	require(object_call(client.endpoint, LABEL_ADD, 1, &m));
	if (passive)
		worker_make_passive(b, &server);
	mover.moves = mover.refused = mover.other = 0;
	begin_on(b, run_client, 0, 2, &caller);
	mover.context[0] = caller.context;
	mover.context[1] = server.context;
	mover.stop = mover.stopped = false;
	begin_on(b, run_mover, 0, 3, &moving);
	while (!client.done)
		yield();
	mover.stop = true;
	while (!mover.stopped)
		yield();
	check_equal(client.sum, client.calls, passive ? "all calls to a passive server are answered while contexts move" : "all calls are answered while both contexts move");
	check_equal(mover.other, 0, "a move succeeds, or says that the context is busy");
	worker_destroy(b, &moving);
	worker_destroy(b, &caller);
	worker_destroy(b, &server);
	builder_release(b, client.endpoint);
}

void test_run(struct builder *b)
{
	print("# %u cores\n", cores_count());
	check_running(b);
	check_waiting(b, 0);
	check_waiting(b, 1);
	for (unsigned i = 0; i < 4; i++) {
		check_calls(b, i % 2, i / 2);
		print("# %lu calls, %lu moves, %lu refused\n", client.calls, mover.moves, mover.refused);
	}
}
