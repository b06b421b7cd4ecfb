/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client: each round it keeps a number in a page of its own (which the pager gives when it is touched), sends it to the
 * server, and compares the server's sum with what its own memory says. It never learns that another component crashes.
 */
#include "demo.h"
#include "print.h"

enum { ROUNDS = 8, ROUND_MILLISECONDS = 60 };

/* The number kept in page `round` of the heap. */
static volatile word_t *kept(word_t round)
{
	return (volatile word_t *)(DEMO_HEAP + round * PAGE_SIZE);
}

/* One round; false: something is wrong. */
static bool play(word_t round, word_t factor)
{
	struct message m = {.w = {round * factor}};
	word_t own = 0;

	*kept(round) = round * factor;
	if (object_call(DEMO_SERVER, DEMO_ADD, 1, &m) != OK)
		return false;
	for (word_t i = 1; i <= round; i++)
		own += *kept(i);
	print("round %lu of %u: the server says %lu, my memory says %lu\n", round, ROUNDS, m.w[0], own);
	return m.w[0] == own && m.w[1] == round;
}

word_t program_main(const struct program_info *info)
{
	word_t factor = (word_t)(info->arguments[0] - '0');

	print_to_endpoint(DEMO_CONSOLE);
	for (word_t round = 1; round <= ROUNDS; round++) {
		if (!play(round, factor))
			return 1;
		demo_sleep(info, ROUND_MILLISECONDS);
	}
	return 0;
}
