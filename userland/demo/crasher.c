/* SPDX-License-Identifier: BSD-2-Clause */
/* The crasher: its argument says which run this is. The first three end with a write to address 0. */
#include "demo.h"
#include "print.h"

enum { RUNS_THAT_CRASH = 3 };

/* A pointer that the compiler knows nothing about. */
static volatile word_t *volatile nowhere;

word_t program_main(const struct program_info *info)
{
	word_t run = (word_t)(info->arguments[0] - '0');

	print_to_endpoint(DEMO_CONSOLE);
	if (run > RUNS_THAT_CRASH) {
		print("run %lu: nothing goes wrong this time\n", run);
		return 0;
	}
	print("run %lu: now I write to address 0\n", run);
	*nowhere = run;
	print("run %lu: this line must never be seen\n", run);
	return 1;
}
