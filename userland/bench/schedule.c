/* SPDX-License-Identifier: BSD-2-Clause */
/* Yields, and what happens when a budget ends and when its next period begins. */
#include "bench.h"
#include "spawn.h"

enum { BUDGET_MICROSECONDS = 20, PERIOD_MICROSECONDS = 50 };

static void yields(void)
{
	struct peer peer = {.role = ROLE_YIELDER};
	struct program program;

	BENCH_TRIPS("yield", bench_trap(HANDLE_NONE, HANDLE_NONE, 0));
	peer_start(&peer, &program);
	BENCH_TRIPS("yield-two", bench_trap(HANDLE_NONE, HANDLE_NONE, 0));
	peer_end(&program);
}

/* A marker for ever: the last beginning before it loses the processor counts, and the first end after that. */
static void spin(word_t mark)
{
	if (mark == MARK_BEGIN)
		for (;;)
			bench_mark(MARK_BEGIN);
	for (;;)
		bench_mark(MARK_END);
}

/* The upper thread has a budget, the lower one runs while it is spent; `begin` and `end` are what they mark. */
static void budget(const char *name, enum mark upper_marks, enum mark lower_marks)
{
	uint64_t frequency = bench_info->frequency;
	struct context_state state = {
		.budget = (word_t)(frequency * BUDGET_MICROSECONDS / 1000000),
		.period = (word_t)(frequency * PERIOD_MICROSECONDS / 1000000),
		.ceiling = BENCH_PRIORITY_LOW,
	};
	struct worker upper, lower;
	word_t periods = bench_next_steps(name);

	bench_must(worker_create(&bench_builder, spin, upper_marks, BENCH_PRIORITY_LOW, &upper), "create a worker");
	bench_must(context_configure(upper.context, &state), "configure a budget");
	bench_worker(spin, lower_marks, BENCH_PRIORITY_LOW - 1, &lower);
	bench_must(worker_begin(&upper), "start a worker");
	/* More than enough: a period begins when its timer has come, which is a little late. This ends in the middle of one. */
	bench_sleep(periods * PERIOD_MICROSECONDS * 5 / 4);
	worker_destroy(&bench_builder, &lower);
	worker_destroy(&bench_builder, &upper);
}

void bench_schedule(void)
{
	yields();
	budget("budget-end", MARK_BEGIN, MARK_END);
	budget("period-begin", MARK_END, MARK_BEGIN);
}
