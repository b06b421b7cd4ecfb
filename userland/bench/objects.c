/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating and destroying an object of each kind. */
#include "bench.h"

static void create(enum kind kind, word_t parameter)
{
	bench_must(status_error(bench_create(bench_large, kind, parameter)), "create");
}

static void measure(const char *create_name, const char *destroy_name, enum kind kind, word_t parameter)
{
	BENCH_STEPS(create_name, WARM_TRIPS, , bench_create(bench_large, kind, parameter), bench_unmake(PEER_FIRST));
	BENCH_STEPS(destroy_name, WARM_TRIPS, create(kind, parameter),
		    bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_DELETE, PEER_FIRST), );
	bench_must(untyped_reset(bench_large), "reset");
}

/* Made, ended, and its memory free again: that can be repeated. */
static void repeat(const char *name, enum kind kind, word_t parameter)
{
	BENCH_TRIPS(name, MANY_TRIPS, (create(kind, parameter), bench_unmake(PEER_FIRST), (word_t)untyped_reset(bench_large)));
}

static void repeat_all(void)
{
	repeat("create-destroy-untyped", KIND_UNTYPED, PAGE_SIZE);
	repeat("create-destroy-memory-4k", KIND_MEMORY, PAGE_SIZE);
	repeat("create-destroy-space", KIND_SPACE, SPACE_HANDLES_MIN);
	repeat("create-destroy-thread", KIND_THREAD, 0);
	repeat("create-destroy-endpoint", KIND_ENDPOINT, 0);
	repeat("create-destroy-notification", KIND_NOTIFICATION, 0);
	repeat("create-destroy-context", KIND_CONTEXT, 0);
}

void bench_objects(void)
{
	if (bench_many) {
		window_handles(buffer_self(), PEER_FIRST, 1);
		repeat_all();
		window_handles(buffer_self(), 0, 0);
		return;
	}
	window_handles(buffer_self(), PEER_FIRST, 1);
	measure("create-untyped", "destroy-untyped", KIND_UNTYPED, PAGE_SIZE);
	measure("create-memory-4k", "destroy-memory-4k", KIND_MEMORY, PAGE_SIZE);
	measure("create-space", "destroy-space", KIND_SPACE, SPACE_HANDLES_MIN);
	measure("create-thread", "destroy-thread", KIND_THREAD, 0);
	measure("create-endpoint", "destroy-endpoint", KIND_ENDPOINT, 0);
	measure("create-notification", "destroy-notification", KIND_NOTIFICATION, 0);
	measure("create-context", "destroy-context", KIND_CONTEXT, 0);
	window_handles(buffer_self(), 0, 0);
}
