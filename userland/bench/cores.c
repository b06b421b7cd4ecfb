/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between cores: calls and signals from core 0 to core 1 (what both cores execute is added up), and pairs of client and server on
 * one, two, ... cores at once: a trip must not cost more because other cores make trips of their own.
 */
#include "bench.h"
#include "print.h"

enum { CORES_MAX = 16 };

static word_t cores;
static handle_t done;

static void place(const struct worker *worker, word_t core)
{
	const struct context_state state = {
		.core = core,
		.budget = CONTEXT_UNLIMITED,
		.period = CONTEXT_UNLIMITED,
		.ceiling = BENCH_PRIORITY_HIGH,
	};

	bench_must(context_configure(worker->context, &state), "place a worker");
}

static void start_on(word_t core, void (*entry)(word_t), word_t argument, struct worker *out)
{
	bench_must(worker_create(&bench_builder, entry, argument, BENCH_PRIORITY, out), "create a worker");
	place(out, core);
	bench_must(worker_begin(out), "start a worker");
}

/* The Endpoint is at home with the server (core 1) or with the client (core 0). */
static void call(const char *name, word_t home)
{
	struct worker server;

	bench_make(KIND_ENDPOINT, home, PEER_ENDPOINT);
	start_on(1, peer_serve, 0, &server);
	BENCH_STEPS(name, , bench_trap(PEER_ENDPOINT, HANDLE_NONE, TAG_CALL), );
	worker_destroy(&bench_builder, &server);
	bench_unmake(PEER_ENDPOINT);
}

/* Waits for the one, signals the other, in one call. */
static void echo(word_t unused)
{
	(void)unused;
	(void)bench_wait(PEER_FIRST);
	for (;;)
		(void)bench_say(PEER_SECOND, PEER_FIRST, NOTIFICATION_SIGNAL, 1);
}

static void signal(void)
{
	struct worker worker;

	bench_make(KIND_NOTIFICATION, 1, PEER_FIRST);
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	start_on(1, echo, 0, &worker);
	BENCH_STEPS("cross-ping-pong", , bench_say(PEER_FIRST, PEER_SECOND, NOTIFICATION_SIGNAL, 1), );
	worker_destroy(&bench_builder, &worker);
	bench_make(KIND_NOTIFICATION, 1, PEER_THIRD);
	BENCH_STEPS("cross-signal", , bench_signal(PEER_THIRD), bench_sleep(100));
	bench_unmake(PEER_THIRD);
	bench_unmake(PEER_FIRST);
	bench_unmake(PEER_SECOND);
}

/* ---- pairs ---- */

static struct pair {
	struct worker server, client;
	handle_t endpoint, start;
} pairs[CORES_MAX];

static void serve_pair(word_t index)
{
	word_t endpoint = pairs[index].endpoint;

	(void)bench_trap(HANDLE_NONE, endpoint, 0);
	for (;;)
		(void)bench_trap(HANDLE_REPLY, endpoint, 0);
}

static void call_pair(word_t index)
{
	word_t endpoint = pairs[index].endpoint, start = pairs[index].start;

	for (;;) {
		(void)bench_wait(start);
		for (unsigned i = MANY_TRIPS; i > 0; i--)
			(void)bench_trap(endpoint, HANDLE_NONE, TAG_CALL);
		(void)notification_signal(done, (word_t)1 << index);
	}
}

static void make_pair(word_t index)
{
	struct pair *p = &pairs[index];

	bench_must(build_object(&bench_builder, KIND_ENDPOINT, index, &p->endpoint), "an Endpoint");
	bench_must(build_object(&bench_builder, KIND_NOTIFICATION, index, &p->start), "a Notification");
	start_on(index, serve_pair, index, &p->server);
	start_on(index, call_pair, index, &p->client);
}

/* All pairs of the first `count` cores at once. */
static void run_pairs(word_t count)
{
	word_t all = ((word_t)1 << count) - 1, seen = 0, bits;
	char name[32];

	(void)text_format(name, sizeof name, "pairs-%lu", count);
	bench_next(name, (unsigned)count * MANY_TRIPS);
	bench_mark(MARK_BEGIN);
	for (word_t i = 0; i < count; i++)
		bench_must(notification_signal(pairs[i].start, 1), "start a pair");
	while (seen != all) {
		bench_must(notification_wait(done, &bits), "wait for pairs");
		seen |= bits;
	}
	bench_mark(MARK_END);
}

static void scale(void)
{
	bench_must(build_object(&bench_builder, KIND_NOTIFICATION, 0, &done), "a Notification");
	for (word_t i = 0; i < cores; i++)
		make_pair(i);
	bench_sleep(1000);
	for (word_t count = 1; count <= cores; count *= 2)
		run_pairs(count);
}

void bench_cores(void)
{
	struct system_state system;

	bench_must(system_info(PROGRAM_SYSTEM, &system), "ask System");
	cores = system.cores < CORES_MAX ? system.cores : CORES_MAX;
	call("cross-call-server-home", 1);
	call("cross-call-client-home", 0);
	signal();
	if (bench_many)
		scale();
}
