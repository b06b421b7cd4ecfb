/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same operations with more and more of something in the system: threads that are ready to run, handles, mappings,
 * derivations of the very capability that is used. None of them may cost more for that.
 */
#include "bench.h"
#include "print.h"
#include "spawn.h"

enum { STEPS = 3, BATCH = CREATE_COUNT_MAX, CROWD_PRIORITY = 10 };

static const word_t step[STEPS] = {10, 1000, 100000};

/* The operations; PEER_ENDPOINT has a server in another Space, PEER_SECOND is a Notification. */
static void measure(const char *what, word_t count)
{
	char name[64];

	(void)text_format(name, sizeof name, "with-%lu-%s:call-0", count, what);
	BENCH_SINGLE(name, WARM_TRIPS, , bench_trap(PEER_ENDPOINT, HANDLE_NONE, TAG_CALL), );
	(void)text_format(name, sizeof name, "with-%lu-%s:signal-wait", count, what);
	BENCH_SINGLE(name, WARM_TRIPS, , ((void)bench_signal(PEER_SECOND), bench_wait(PEER_SECOND)), );
	(void)text_format(name, sizeof name, "with-%lu-%s:yield", count, what);
	BENCH_SINGLE(name, WARM_TRIPS, , bench_trap(HANDLE_NONE, HANDLE_NONE, 0), );
	/* these look their handle up, which calls and signals remember: an empty one, and one of an object that is called */
	(void)text_format(name, sizeof name, "with-%lu-%s:call-refused", count, what);
	BENCH_SINGLE(name, WARM_TRIPS, , bench_trap((handle_t)bench_info->handle_slots - 1, HANDLE_NONE, TAG_CALL), status ^= ERROR_BAD_HANDLE);
	(void)text_format(name, sizeof name, "with-%lu-%s:call-object", count, what);
	BENCH_SINGLE(name, WARM_TRIPS, , bench_trap(PEER_SECOND, HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 1, 0) | TAG_CALL), );
}

static handle_t first_slot(void)
{
	return (handle_t)bench_info->handle_slots - 1 - 2 * step[STEPS - 1];
}

static void grow_handles(const char *what, handle_t from, word_t rights)
{
	word_t count = 0;

	for (unsigned s = 0; s < STEPS; s++) {
		for (; count < step[s]; count++)
			bench_must(space_derive(PROGRAM_SPACE, from, first_slot() + count, rights), "derive");
		measure(what, step[s]);
	}
	bench_must(space_revoke(PROGRAM_SPACE, from), "revoke");
}

static void grow_mappings(void)
{
	word_t count = 0;
	handle_t memory;

	bench_must(build_object(&bench_builder, KIND_MEMORY, PAGE_SIZE, &memory), "a Memory");
	for (unsigned s = 0; s < STEPS; s++) {
		for (; count < step[s]; count++)
			bench_must(
				space_map(PROGRAM_SPACE, memory, TAKER_ADDRESS + count * PAGE_SIZE, RIGHT_READ, 0, 0, NULL),
				"map");
		measure("mappings", step[s]);
	}
	builder_release(&bench_builder, memory);
}

/* Never runs: somebody of a higher priority always does. */
static void idle(void)
{
	for (;;)
		;
}

static void start_thread(handle_t thread, handle_t context)
{
	const struct context_state state = {
		.budget = CONTEXT_UNLIMITED, .period = CONTEXT_UNLIMITED, .ceiling = CROWD_PRIORITY};
	const struct thread_binding binding = {
		.what = CONFIGURE_SPACE | CONFIGURE_CONTEXT,
		.space = PROGRAM_SPACE,
		.context = context,
	};

	bench_must(context_configure(context, &state), "configure a context");
	bench_must(thread_configure(thread, &binding), "configure a thread");
	bench_must(thread_priority(thread, CROWD_PRIORITY, context), "set a priority");
	bench_must(thread_start(thread, (uintptr_t)idle, 0, 0), "start a thread");
}

static void add_threads(handle_t threads, handle_t contexts, word_t count)
{
	for (word_t n; count > 0; count -= n, threads += n, contexts += n) {
		n = count < BATCH ? count : BATCH;
		bench_must(untyped_create(bench_large, KIND_THREAD, 0, n, 0, threads), "create threads");
		bench_must(untyped_create(bench_builder.untyped, KIND_CONTEXT, 0, n, 0, contexts), "create contexts");
		for (word_t i = 0; i < n; i++)
			start_thread(threads + i, contexts + i);
	}
}

/* They stay: this is the last measurement of all. */
static void grow_threads(void)
{
	const handle_t threads = first_slot(), contexts = threads + step[STEPS - 1];
	word_t count = 0;

	for (unsigned s = 0; s < STEPS; s++) {
		add_threads(threads + count, contexts + count, step[s] - count);
		count = step[s];
		measure("threads", step[s]);
	}
}

void bench_growth(void)
{
	struct peer peer = {.role = ROLE_SERVER, .rights = {RIGHT_RECEIVE}};
	struct program program;
	handle_t other;

	if (!bench_many)
		return;
	bench_make(KIND_ENDPOINT, 0, PEER_ENDPOINT);
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	bench_must(build_object(&bench_builder, KIND_NOTIFICATION, 0, &other), "a Notification");
	peer_start(&peer, &program);
	grow_handles("handles", other, RIGHT_SIGNAL);
	grow_handles("derivations", PEER_SECOND, RIGHT_SIGNAL);
	grow_mappings();
	grow_threads();
	peer_end(&program);
}
