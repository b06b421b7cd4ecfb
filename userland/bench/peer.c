/* SPDX-License-Identifier: BSD-2-Clause */
/* What peers do, each in a Space of its own. Handles are constants, since no register outlives a trap. */
#include "bench.h"

void peer_serve(word_t tag)
{
	(void)bench_trap(HANDLE_NONE, PEER_ENDPOINT, 0);
	for (;;)
		(void)bench_trap(HANDLE_REPLY, PEER_ENDPOINT, tag);
}

static void take(void)
{
	window_handles(buffer_self(), TAKER_SLOT, 1);
	window_map(buffer_self(), HANDLE_NONE, TAKER_ADDRESS, TAKER_ADDRESS, RIGHT_READ);
	peer_serve(0);
}

static void echo(void)
{
	for (;;) {
		(void)bench_wait(PEER_FIRST);
		(void)bench_signal(PEER_SECOND);
	}
}

static void echo_one(void)
{
	(void)bench_wait(PEER_FIRST);
	for (;;)
		(void)bench_say(PEER_SECOND, PEER_FIRST, NOTIFICATION_SIGNAL, 1);
}

static void yield_for_ever(void)
{
	for (;;)
		(void)bench_trap(HANDLE_NONE, HANDLE_NONE, 0);
}

static void touch(uintptr_t address)
{
	for (;; address += PAGE_SIZE)
		(void)*(volatile word_t *)address;
}

void peer_main(enum role role, word_t argument)
{
	switch (role) {
	case ROLE_SERVER:
		peer_serve(argument);
		break;
	case ROLE_TAKER:
		take();
		break;
	case ROLE_ECHO:
		echo();
		break;
	case ROLE_ECHO_ONE:
		echo_one();
		break;
	case ROLE_YIELDER:
		yield_for_ever();
		break;
	case ROLE_TOUCHER:
		touch(argument);
		break;
	default:
		break;
	}
}
