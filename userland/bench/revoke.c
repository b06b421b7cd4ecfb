/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoking many derivations at once. */
#include "bench.h"

enum { FEW = 3, MANY = 100000 };

static void derive(handle_t first, word_t count)
{
	enum error error = OK;

	for (word_t i = 0; error == OK && i < count; i++)
		error = space_derive(PROGRAM_SPACE, PEER_SECOND, first + i, RIGHT_SIGNAL);
	bench_must(error, "derive");
}

static void revoke(const char *name, word_t count, unsigned trips)
{
	const handle_t first = (handle_t)bench_info->handle_slots - 1 - MANY;

	BENCH_STEPS(name, trips, derive(first, count), bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_REVOKE, PEER_SECOND), );
}

void bench_revoke(void)
{
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	if (bench_many) {
		revoke("revoke-100000", MANY, 1);
		BENCH_TRIPS("derive-revoke-1", MANY_TRIPS,
			    (bench_must(status_error(bench_derive(PEER_SECOND, PEER_FIRST, RIGHT_SIGNAL)), "derive"),
			     (word_t)space_revoke(PROGRAM_SPACE, PEER_SECOND)));
	} else {
		BENCH_STEPS("derive", WARM_TRIPS, , bench_derive(PEER_SECOND, PEER_FIRST, RIGHT_SIGNAL),
			    bench_unmake(PEER_FIRST));
		revoke("revoke-1", 1, WARM_TRIPS);
		revoke("revoke-1000", 1000, FEW);
	}
	bench_unmake(PEER_SECOND);
}
