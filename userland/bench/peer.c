/* SPDX-License-Identifier: BSD-2-Clause */
/* What peers do, each in a Space of its own. */
#include "bench.h"

/* Answers for ever. The handle is a constant, since no register outlives the trap. */
void peer_serve(word_t tag)
{
	(void)bench_trap(HANDLE_NONE, PEER_ENDPOINT, 0);
	for (;;)
		(void)bench_trap(HANDLE_REPLY, PEER_ENDPOINT, tag);
}

void peer_main(enum role role, word_t argument)
{
	switch (role) {
	case ROLE_SERVER:
		peer_serve(argument);
		break;
	default:
		break;
	}
}
