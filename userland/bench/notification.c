/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals and waits, in one thread and between two Spaces; a deadline and its handler. */
#include "bench.h"
#include "spawn.h"

enum { DEADLINE_MICROSECONDS = 20 };

static void in_one_thread(void)
{
	BENCH_TRIPS("signal", bench_signal(PEER_FIRST));
	BENCH_TRIPS("signal-wait", (void)bench_signal(PEER_FIRST), bench_wait(PEER_FIRST));
	BENCH_TRIPS("signal-wait-one-call", bench_say(PEER_FIRST, PEER_FIRST, NOTIFICATION_SIGNAL, 1));
}

/* Two Spaces: two calls on each side, then one on each side. */
static void ping_pong(void)
{
	struct peer peer = {.role = ROLE_ECHO, .rights = {RIGHT_WAIT, RIGHT_SIGNAL}};
	struct program program;

	peer_start(&peer, &program);
	BENCH_TRIPS("ping-pong", (void)bench_signal(PEER_FIRST), bench_wait(PEER_SECOND));
	peer_end(&program);
	peer.role = ROLE_ECHO_ONE;
	peer_start(&peer, &program);
	BENCH_TRIPS("ping-pong-two-calls", bench_say(PEER_FIRST, PEER_SECOND, NOTIFICATION_SIGNAL, 1));
	peer_end(&program);
}

/* Nothing but beginnings: what counts is the last one before it is interrupted. */
static void spin_begin(word_t unused)
{
	(void)unused;
	for (;;)
		bench_mark(MARK_BEGIN);
}

static void deadline(void)
{
	uint64_t ticks = (uint64_t)DEADLINE_MICROSECONDS * bench_info->frequency / 1000000;
	struct worker worker;

	bench_worker(spin_begin, 0, BENCH_PRIORITY_LOW, &worker);
	for (unsigned left = bench_next_steps("deadline-to-handler"); left > 0; left--) {
		bench_must(notification_arm(PEER_FIRST, 1, arch_counter() + ticks, 0), "arm");
		(void)bench_wait(PEER_FIRST);
		bench_mark(MARK_END);
	}
	worker_destroy(&bench_builder, &worker);
}

void bench_notification(void)
{
	bench_make(KIND_NOTIFICATION, 0, PEER_FIRST);
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	in_one_thread();
	ping_pong();
	deadline();
	bench_unmake(PEER_FIRST);
	bench_unmake(PEER_SECOND);
}
