/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoking many derivations at once. */
#include "bench.h"

enum { FEW = 1000, MANY = 100000 };

static void derive(handle_t first, word_t count)
{
	enum error error = OK;

	for (word_t i = 0; error == OK && i < count; i++)
		error = space_derive(PROGRAM_SPACE, PEER_SECOND, first + i, RIGHT_SIGNAL);
	bench_must(error, "derive");
}

static handle_t first_slot(void)
{
	return (handle_t)bench_info->handle_slots - 1 - MANY;
}

static void revoke(const char *name, word_t count)
{
	BENCH_STEPS(name, derive(first_slot(), count), bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_REVOKE, PEER_SECOND), );
}

static void revoke_once(const char *name, word_t count)
{
	BENCH_SINGLE(name, 1, derive(first_slot(), count), bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_REVOKE, PEER_SECOND), );
}

void bench_revoke(void)
{
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	BENCH_STEPS("derive", , bench_derive(PEER_SECOND, PEER_FIRST, RIGHT_SIGNAL), bench_unmake(PEER_FIRST));
	revoke("revoke-1", 1);
	revoke("revoke-1000", FEW);
	if (bench_many)
		revoke_once("revoke-100000", MANY);
	bench_unmake(PEER_SECOND);
}
