/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls between threads that have FP and vector state: one of them (its state stays in the registers), and both (each
 * switch exchanges it). Both are workers, since main cannot be stopped to be given state.
 */
#include "bench.h"

static handle_t done;

static void client(word_t both)
{
	if (both)
		BENCH_TRIPS("call-0-fpu-both", bench_trap(PEER_ENDPOINT, HANDLE_NONE, TAG_CALL));
	else
		BENCH_TRIPS("call-0-fpu-one", bench_trap(PEER_ENDPOINT, HANDLE_NONE, TAG_CALL));
	(void)notification_signal(done, 1);
}

/* The thread must not run yet. */
static void give_state(const struct worker *worker, word_t size)
{
	word_t room = PAGE_SIZE;
	handle_t memory;

	while (room < size)
		room *= 2;
	bench_must(build_object(&bench_builder, KIND_UNTYPED, room, &memory), "memory for FP state");
	bench_must(thread_fpu(worker->thread, memory), "give FP state");
	builder_put_slots(&bench_builder, memory, 1);
}

static void measure(word_t size, bool both)
{
	struct worker caller, server;
	word_t bits;

	bench_must(worker_create(&bench_builder, client, both, BENCH_PRIORITY, &caller), "create a worker");
	bench_must(worker_create(&bench_builder, peer_serve, 0, BENCH_PRIORITY, &server), "create a worker");
	give_state(&caller, size);
	if (both)
		give_state(&server, size);
	bench_must(worker_begin(&server), "start a worker");
	bench_must(worker_begin(&caller), "start a worker");
	bench_must(notification_wait(done, &bits), "wait for the end");
	worker_destroy(&bench_builder, &server);
	worker_destroy(&bench_builder, &caller);
}

void bench_fpu(void)
{
	struct system_state system;

	bench_must(system_info(PROGRAM_SYSTEM, &system), "ask System");
	if (system.fpu_size == 0)
		return;
	bench_make(KIND_ENDPOINT, 0, PEER_ENDPOINT);
	bench_must(build_object(&bench_builder, KIND_NOTIFICATION, 0, &done), "a Notification");
	measure(system.fpu_size, false);
	measure(system.fpu_size, true);
	builder_release(&bench_builder, done);
	bench_unmake(PEER_ENDPOINT);
}
