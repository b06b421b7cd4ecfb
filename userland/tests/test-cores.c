/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cores: calls, signals and deaths between threads and objects of different cores. With one core
 * only, all of them live on core 0 and the same cases must hold.
 */
#include "print.h"
#include "test.h"

enum { ROUNDS = 200, LABEL_ADD = 1, LABEL_WHERE = 2, CORES_MAX = 16 };

static unsigned cores;

/* Core number n, or the last one there is. */
static word_t core_of(unsigned n)
{
	return n % cores;
}

static void place(const struct worker *w, word_t core)
{
	const struct context_state state = { .core = core, .budget = CONTEXT_UNLIMITED, .period = CONTEXT_UNLIMITED, .ceiling = 200 };

	require(context_configure(w->context, &state));
}

/* Adds one to the first word of each message. */
static void adder(word_t endpoint)
{
	struct message m = { 0 };

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		m.w[0]++;
		m.tag = tag_make(OK, 1, 0);
		if (message_answer_receive(endpoint, &m) != OK)
			return;
	}
}

/* A server on one core, its Endpoint at home on another, called from a third. */
static void check_call(struct builder *b, word_t endpoint_core, word_t server_core, bool passive)
{
	struct message m = { 0 };
	struct worker server;
	handle_t endpoint;
	word_t sum = 0;

	require(build_object(b, KIND_ENDPOINT, endpoint_core, &endpoint));
	require(worker_create(b, adder, endpoint, 101, &server));
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

void test_run(struct builder *b)
{
	struct system_state system;

	require(system_info(PROGRAM_SYSTEM, &system));
	cores = (unsigned)system.cores;
	print("# %u cores\n", cores);
	for (unsigned i = 0; i < 8; i++)
		check_call(b, core_of(i & 1), core_of(i >> 1 & 1 ? 2 : 0), i >> 2 & 1);
}
