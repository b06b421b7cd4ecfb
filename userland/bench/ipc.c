/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls and their answers, of several lengths, in the same Space and across two. */
#include "bench.h"
#include "spawn.h"


static void call(const char *name, word_t words)
{
	word_t tag = tag_make(1, words, 0) | TAG_CALL;

	BENCH_TRIPS(name, MANY_TRIPS, bench_trap(PEER_ENDPOINT, HANDLE_NONE, tag));
}

static void call_same(const char *name, word_t words)
{
	struct worker worker;

	bench_must(worker_create(&bench_builder, peer_serve, tag_make(0, words, 0), BENCH_PRIORITY, &worker), "a worker");
	bench_must(worker_begin(&worker), "begin");
	call(name, words);
	worker_destroy(&bench_builder, &worker);
}

static void call_across(const char *name, word_t words)
{
	struct peer peer = {.role = ROLE_SERVER, .argument = tag_make(0, words, 0), .gift = {PEER_ENDPOINT}, .rights = {RIGHT_RECEIVE}};
	struct program program;

	peer_start(&peer, &program);
	call(name, words);
	peer_end(&program);
}

void bench_ipc(void)
{
	bench_must(untyped_create(PROGRAM_UNTYPED, KIND_ENDPOINT, 0, 1, 0, PEER_ENDPOINT), "an Endpoint");
	call_across("call-0", 0);
	call_across("call-4", 4);
	call_across("call-6", 6);
	call_across("call-8", 8);
	call_across("call-64", 64);
	call_same("call-0-same", 0);
	call_same("call-4-same", 4);
	call_same("call-6-same", 6);
	call_same("call-8-same", 8);
	call_same("call-64-same", 64);
	bench_must(space_delete(PROGRAM_SPACE, PEER_ENDPOINT), "delete the Endpoint");
}
