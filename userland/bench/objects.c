/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating and destroying an object of each kind. */
#include "bench.h"

static void create(enum kind kind, word_t parameter)
{
	bench_must(status_error(bench_create(bench_large, kind, parameter)), "create");
}

/* In between its memory is free again. */
static void measure(const char *create_name, const char *destroy_name, enum kind kind, word_t parameter)
{
	BENCH_STEPS(create_name, , bench_create(bench_large, kind, parameter),
		    (bench_unmake(PEER_FIRST), bench_must(untyped_reset(bench_large), "reset")));
	BENCH_STEPS(destroy_name, create(kind, parameter), bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_DELETE, PEER_FIRST),
		    bench_must(untyped_reset(bench_large), "reset"));
}

void bench_objects(void)
{
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
