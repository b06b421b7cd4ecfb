/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of memory: of each object as System tells them, of a handle and of a mapping as the pool loses them. */
#include "bench.h"
#include "print.h"

enum { HANDLES = 4096, MAPPINGS = 4096 };

static void tell(const char *name, word_t bytes)
{
	print("bench: size %s %lu\n", name, bytes);
}

static void tell_object(const char *name, enum kind kind, word_t parameter)
{
	word_t size, alignment;

	bench_must(system_size(PROGRAM_SYSTEM, kind, parameter, &size, &alignment), name);
	tell(name, size);
}

static word_t pool_free(void)
{
	struct space_state state;

	bench_must(space_query(PROGRAM_SPACE, &state), "ask the Space");
	return state.pool_free;
}

/* Average over many, with what the table and the page tables grow by. */
static void tell_handles(void)
{
	const handle_t first = (handle_t)bench_info->handle_slots - 1 - HANDLES;
	word_t before = pool_free();

	for (word_t i = 0; i < HANDLES; i++)
		bench_must(space_derive(PROGRAM_SPACE, PEER_FIRST, first + i, RIGHT_SIGNAL), "derive");
	tell("handle", (before - pool_free()) / HANDLES);
	bench_must(space_revoke(PROGRAM_SPACE, PEER_FIRST), "revoke");
}

static void tell_mappings(void)
{
	handle_t memory;
	word_t before;

	bench_must(build_object(&bench_builder, KIND_MEMORY, PAGE_SIZE, &memory), "a Memory");
	before = pool_free();
	for (word_t i = 0; i < MAPPINGS; i++)
		bench_must(space_map(PROGRAM_SPACE, memory, TAKER_ADDRESS + i * PAGE_SIZE, RIGHT_READ, 0, 0, NULL), "map");
	tell("mapping", (before - pool_free()) / MAPPINGS);
	builder_release(&bench_builder, memory);
}

void bench_sizes(void)
{
	struct system_state system;

	if (bench_many)
		return;
	bench_must(system_info(PROGRAM_SYSTEM, &system), "ask System");
	tell_object("thread", KIND_THREAD, 0);
	tell_object("space", KIND_SPACE, SPACE_HANDLES_MIN);
	tell_object("endpoint", KIND_ENDPOINT, 0);
	tell_object("notification", KIND_NOTIFICATION, 0);
	tell_object("context", KIND_CONTEXT, 0);
	tell("fpu", system.fpu_size);
	bench_make(KIND_NOTIFICATION, 0, PEER_FIRST);
	tell_handles();
	tell_mappings();
	bench_unmake(PEER_FIRST);
}
