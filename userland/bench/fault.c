/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults of another Space, answered here: measured from one answer to the next fault, which is one of each. */
#include "bench.h"
#include "spawn.h"

static void start_toucher(struct program *program)
{
	struct peer peer = {.role = ROLE_TOUCHER, .argument = TAKER_ADDRESS, .pager = PEER_ENDPOINT};

	peer_start(&peer, program);
}

/* An empty answer lets the instruction run again. */
static void unmapped(void)
{
	struct program program;

	start_toucher(&program);
	bench_must(status_error(bench_wait(PEER_ENDPOINT)), "the first fault");
	BENCH_TRIPS("fault-unmapped", bench_trap(HANDLE_REPLY, PEER_ENDPOINT, 0));
	peer_end(&program);
}

/* Answers with the page that the fault before was about, and takes the next fault. */
static inline word_t answer(uintptr_t *address)
{
	struct item *item = &buffer_self()->item[0];
	word_t w[MESSAGE_REGISTERS] = {bench_any(), bench_any(), bench_any(), bench_any(), bench_any(), bench_any(), bench_any(), bench_any()}, badge,
	       status;
	word_t tag = tag_make(ANSWER_RETRY, 0, 1);

	item->offset = *address - TAKER_ADDRESS;
	item->base = *address & (((word_t)1 << FAULT_WINDOW_SHIFT) - 1) & ~(word_t)(PAGE_SIZE - 1);
	status = arch_ipc(HANDLE_REPLY, PEER_ENDPOINT, &tag, &badge, w);
	*address = w[0];
	return status;
}

static void mapped(void)
{
	uintptr_t address = TAKER_ADDRESS;
	handle_t memory, around = bench_enter(bench_large);
	struct program program;

	bench_must(build_object(&bench_builder, KIND_MEMORY, (MANY_TRIPS + 1) * PAGE_SIZE, &memory), "a Memory");
	buffer_self()->item[0] =
		(struct item){.handle = memory, .control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP, .length = PAGE_SIZE};
	start_toucher(&program);
	bench_must(status_error(bench_wait(PEER_ENDPOINT)), "the first fault");
	BENCH_TRIPS("fault-mapped", answer(&address));
	peer_end(&program);
	builder_release(&bench_builder, memory);
	bench_leave(around);
}

void bench_fault(void)
{
	bench_make(KIND_ENDPOINT, 0, PEER_ENDPOINT);
	unmapped();
	mapped();
	bench_unmake(PEER_ENDPOINT);
}
