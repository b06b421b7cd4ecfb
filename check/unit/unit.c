/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner: unit GROUP... runs the tests of these groups (none: of all). Each test starts from a
 * saved state of the machine, and after each entry into the kernel all invariants are checked.
 */
#include "unit.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_OFF, SLOT_BOOTED };

static const struct group *const groups[] = {
	&basics_group, &parsers_group, &boot_group, &boot_data_group, &structures_group, &pages_group, &untyped_group, &memory_group, &space_group,
	&thread_group, &notification_group, &ipc_group, &items_group, &fault_group, &context_group, &fpu_group, &preempt_group,
	&revoke_group, &cores_group, &trace_group, &checker_group, &fast_group,
};
static const char *const shape_names[SHAPES] = {"usual tables", "big root", "small tables"};

static unsigned passed, failed;
static bool good;
static jmp_buf runner;
static uint32_t random_state;

bool check_equal_at(uint64_t have, uint64_t want, const char *what, const char *file, int line)
{
	if (have != want) {
		printf("# %s:%d: %s is %#llx, not %#llx\n", file, line, what, (unsigned long long)have, (unsigned long long)want);
		good = false;
	}
	return have == want;
}

bool check_at(bool condition, const char *what, const char *file, int line)
{
	if (!condition) {
		printf("# %s:%d: not so: %s\n", file, line, what);
		good = false;
	}
	return condition;
}

_Noreturn void give_up(const char *why)
{
	printf("# given up: %s\n", why);
	if (hosted.console_used)
		printf("# console: %s\n", hosted.console);
	good = false;
	longjmp(runner, 1);
}

uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

void random_seed(uint32_t seed)
{
	random_state = seed * 2463534242;
}

static void after(void)
{
	const char *problem = user_problem();

	if (problem)
		give_up(problem);
}

static void run_test(const struct group *group, const struct test *test, const char *where)
{
	hosted_restore(group->start == START_NOTHING ? SLOT_OFF : SLOT_BOOTED);
	random_state = 2463534242;
	good = true;
	if (!setjmp(runner)) {
		hosted.after = group->start == START_NOTHING ? NULL : after;
		hosted_console_clear();
		test->run();
	}
	printf("%s %u - %s: %s%s%s%s\n", good ? "ok" : "not ok", passed + failed + 1, group->name, test->name, *where ? " (" : "", where,
	       *where ? ")" : "");
	fflush(stdout);
	if (good)
		passed++;
	else
		failed++;
}

static void run_group(const struct group *group, enum hosted_shape shape, const char *where)
{
	hosted_restore(SLOT_OFF);
	if (group->start == START_CORES)
		hosted.cores = HOSTED_CORES;
	if (group->start != START_NOTHING) {
		user_boot(shape);
		hosted_save(SLOT_BOOTED);
	}
	for (const struct test *test = group->tests; test->name; test++)
		run_test(group, test, where);
}

static bool wanted(const struct group *group, int count, char **names)
{
	bool all = count == 1;

	for (int i = 1; i < count; i++)
		all = all || !strcmp(names[i], group->name);
	return all;
}

int main(int count, char **names)
{
	hosted_power_on();
	hosted_save(SLOT_OFF);
	printf("TAP version 13\n");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!wanted(groups[i], count, names))
			continue;
		if (groups[i]->start != START_ROOT)
			run_group(groups[i], SHAPE_USUAL, "");
		else
			for (enum hosted_shape shape = 0; shape < SHAPES; shape++)
				run_group(groups[i], shape, shape_names[shape]);
	}
	printf("1..%u\n", passed + failed);
	fprintf(stderr, "%u passed, %u failed\n", passed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
