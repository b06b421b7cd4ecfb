/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls and their answers, of several lengths, in the same Space and across two; sends, receives, refusals. */
#include "bench.h"
#include "spawn.h"

static void call(const char *name, word_t words)
{
	word_t tag = tag_make(1, words, 0) | TAG_CALL;

	BENCH_TRIPS(name, bench_trap(PEER_ENDPOINT, HANDLE_NONE, tag));
}

static void call_same(const char *name, word_t words)
{
	struct worker worker;

	bench_worker(peer_serve, tag_make(0, words, 0), BENCH_PRIORITY, &worker);
	call(name, words);
	worker_destroy(&bench_builder, &worker);
}

static void call_across(const char *name, word_t words)
{
	struct peer peer = {.role = ROLE_SERVER, .argument = tag_make(0, words, 0), .rights = {RIGHT_RECEIVE}};
	struct program program;

	peer_start(&peer, &program);
	call(name, words);
	peer_end(&program);
}

/* A server without a SchedContext of its own, as servers are meant to be: it runs on what its callers lend. */
static void call_passive(void)
{
	struct worker worker;

	bench_worker(peer_serve, 0, BENCH_PRIORITY, &worker);
	(void)bench_trap(PEER_ENDPOINT, HANDLE_NONE, TAG_CALL);
	worker_make_passive(&bench_builder, &worker);
	call("call-0-passive", 0);
	worker_destroy(&bench_builder, &worker);
}

/* Receives for ever, answers nobody. */
static void absorb(word_t unused)
{
	(void)unused;
	for (;;)
		(void)bench_wait(PEER_ENDPOINT);
}

/* Sends for ever. */
static void pour(word_t unused)
{
	(void)unused;
	for (;;)
		(void)bench_trap(PEER_ENDPOINT, HANDLE_NONE, 0);
}

/* A send to a receiver that waits and a receive from a sender that waits: the partner gets there when this thread yields. */
static void send_receive(void)
{
	struct worker worker;

	bench_worker(absorb, 0, BENCH_PRIORITY, &worker);
	BENCH_STEPS("send", yield(), bench_trap(PEER_ENDPOINT, HANDLE_NONE, 0), );
	worker_destroy(&bench_builder, &worker);
	bench_worker(pour, 0, BENCH_PRIORITY, &worker);
	BENCH_STEPS("receive", yield(), bench_trap(HANDLE_NONE, PEER_ENDPOINT, 0), );
	worker_destroy(&bench_builder, &worker);
}

/* The least that a trap can be (arguments that are refused at once), and a call through an empty handle. */
void bench_refused(void)
{
	BENCH_STEPS("trap-empty", , bench_trap(HANDLE_NONE, HANDLE_NONE, TAG_FLAGS_MASK), status ^= ERROR_BAD_ARGUMENT);
	BENCH_STEPS("call-refused", , bench_trap(PEER_SECOND, HANDLE_NONE, TAG_CALL), status ^= ERROR_BAD_HANDLE);
}

void bench_ipc(void)
{
	bench_make(KIND_ENDPOINT, 0, PEER_ENDPOINT);
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
	call_passive();
	send_receive();
	bench_unmake(PEER_ENDPOINT);
}
