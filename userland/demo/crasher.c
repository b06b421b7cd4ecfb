/* SPDX-License-Identifier: BSD-2-Clause */
/* The crasher: its argument says which run this is. The first three end badly, each in another way. */
#include "demo.h"
#include "print.h"

/* Pointers that the compiler knows nothing about. */
static volatile word_t *volatile nowhere;
static void (*volatile no_function)(void);

static __attribute__((noinline)) void write_nowhere(word_t run)
{
	print("run %lu: now I write to address 0\n", run);
	*nowhere = run;
}

static __attribute__((noinline)) void call_nowhere(word_t run)
{
	print("run %lu: now I call a function at address 0\n", run);
	no_function();
	print("it came back\n");
}

static __attribute__((noinline)) void break_off(word_t run)
{
	print("run %lu: now I execute an instruction that is none\n", run);
	arch_raise_illegal();
	print("it was one\n");
}

word_t program_main(const struct program_info *info)
{
	static void (*const end[])(word_t) = {write_nowhere, call_nowhere, break_off};
	word_t run = (word_t)(info->arguments[0] - '1');

	print_to_endpoint(DEMO_LOG);
	if (run >= sizeof end / sizeof end[0]) {
		print("run %lu: nothing goes wrong this time\n", run + 1);
		return 0;
	}
	end[run](run + 1);
	print("run %lu: this line must never be seen\n", run + 1);
	return 1;
}
