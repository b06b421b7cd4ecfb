/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that hand something on: a handle, a page to be mapped, a large Memory to be mapped. What was given is revoked in between. */
#include "bench.h"
#include "spawn.h"

static word_t call(void)
{
	return bench_trap(PEER_ENDPOINT, HANDLE_NONE, tag_make(1, 0, 1) | TAG_CALL);
}

static void map(const char *name, word_t size)
{
	handle_t memory, around = bench_enter(bench_large);

	bench_must(build_object(&bench_builder, KIND_MEMORY, size, &memory), "a Memory");
	buffer_self()->item[0] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP};
	BENCH_STEPS(name, , call(), bench_must(memory_revoke(memory, 0, 0), "revoke"));
	builder_release(&bench_builder, memory);
	bench_leave(around);
}

static void give_all(void)
{
	buffer_self()->item[0] = (struct item){.handle = PEER_SECOND, .control = RIGHT_SIGNAL};
	BENCH_STEPS("delegate-handle", , call(), bench_must(space_revoke(PROGRAM_SPACE, PEER_SECOND), "revoke"));
	map("delegate-4k", PAGE_SIZE);
	map("delegate-64m", BENCH_LARGE / 2);
}

void bench_delegate(void)
{
	struct peer peer = {.role = ROLE_TAKER, .rights = {RIGHT_RECEIVE}};
	struct program program;

	bench_make(KIND_ENDPOINT, 0, PEER_ENDPOINT);
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	peer_start(&peer, &program);
	give_all();
	peer_end(&program);
	bench_unmake(PEER_SECOND);
	bench_unmake(PEER_ENDPOINT);
}
