/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shares of the processor, on each core: three threads with a budget each period, a greedy one of the same priority that spins,
 * and one of lower priority. That a thread gets its budgets is told by what its context consumed, that it gets no more by the steps
 * that it and the greedy one count meanwhile: no case looks at how long anything takes.
 */
#include "placing.h"
#include "print.h"
#include "timing.h"

enum {
	PERIODIC = 3,
	PRIORITY = 60, /* below this program's own */
	PERIOD = 300000, /* microseconds */
	BUDGET = 30000,
	PERIODS = 3,
	TRIES = 8, /* a machine whose host runs others for a whole period tells little */
	LESS = 2, /* a thread with a tenth of the processor makes at least so many times fewer steps than the greedy one */
};

/* Who runs all the time, and counts. */
static struct spinner {
	struct worker worker;
	volatile word_t steps;
} periodic[PERIODIC], greedy, lower;

static void spin(word_t argument)
{
	struct spinner *s = (struct spinner *)argument;

	for (;;)
		s->steps++;
}

static void create(struct builder *b, struct spinner *s, word_t priority, unsigned core)
{
	*s = (struct spinner){.steps = 0};
	require(worker_create(b, spin, (word_t)s, priority, &s->worker));
	place(&s->worker, core);
}

static void limit(const struct spinner *s, unsigned core)
{
	const struct context_state state = {
		.core = core_of(core),
		.budget = microseconds(BUDGET),
		.period = microseconds(PERIOD),
		.ceiling = PRIORITY,
	};

	require(context_configure(s->worker.context, &state));
}

static uint64_t consumed(const struct spinner *s)
{
	struct context_state state = {.consumed = 0};

	require(context_query(s->worker.context, &state));
	return state.consumed;
}

/* Waits until each of them has consumed so many budgets more. False: that never happens. */
static bool all_consume(unsigned budgets)
{
	uint64_t enough[PERIODIC], hang = arch_counter() + microseconds(60000000);

	for (unsigned i = 0; i < PERIODIC; i++)
		enough[i] = consumed(&periodic[i]) + budgets * microseconds(BUDGET);
	for (unsigned i = 0; i < PERIODIC; i++)
		while (consumed(&periodic[i]) < enough[i]) {
			if (arch_counter() > hang)
				return false;
			wait_until(arch_counter() + microseconds(PERIOD / 16));
		}
	return true;
}

/* Waits until the thread has made a step more. False: it does not. */
static bool runs(const struct spinner *s)
{
	uint64_t hang = arch_counter() + microseconds(60000000);
	word_t before = s->steps;

	while (s->steps == before && arch_counter() < hang)
		wait_until(arch_counter() + microseconds(PERIOD / 16));
	return s->steps != before;
}

/* The three get PERIODS budgets each. *less: how many of them make far fewer steps than the greedy one meanwhile. */
static bool share(unsigned *less)
{
	word_t before[PERIODIC], steps = greedy.steps;
	bool all;

	*less = 0;
	for (unsigned i = 0; i < PERIODIC; i++)
		before[i] = periodic[i].steps;
	all = all_consume(PERIODS);
	for (unsigned i = 0; i < PERIODIC; i++)
		*less += (periodic[i].steps - before[i]) * LESS < greedy.steps - steps;
	return all;
}

static void check_shares(struct builder *b, unsigned core)
{
	unsigned less = 0;
	bool all = true;

	create(b, &greedy, PRIORITY, core);
	create(b, &lower, PRIORITY - 1, core);
	for (unsigned i = 0; i < PERIODIC; i++) {
		create(b, &periodic[i], PRIORITY, core);
		limit(&periodic[i], core);
	}
	require(worker_begin(&greedy.worker));
	require(worker_begin(&lower.worker));
	for (unsigned i = 0; i < PERIODIC; i++)
		require(worker_begin(&periodic[i].worker));
	for (unsigned i = 0; i < TRIES && less < PERIODIC; i++)
		all = share(&less) && all;
	check(all, "three periodic threads get their budgets while a greedy one of the same priority spins");
	check_equal(less, PERIODIC, "and no more than that: what they leave the greedy one gets");
	check_equal(lower.steps, 0, "one of lower priority gets nothing: it cannot delay them");
	require(thread_stop(greedy.worker.thread));
	check(runs(&lower), "but when the greedy one is gone, all that is left");
	check(all_consume(1), "and still delays nobody");
	worker_destroy(b, &lower.worker);
	for (unsigned i = PERIODIC; i-- > 0;)
		worker_destroy(b, &periodic[i].worker);
	worker_destroy(b, &greedy.worker);
}

void test_run(struct builder *b)
{
	print("# %u cores\n", cores_count());
	timing_open(b);
	for (unsigned core = 0; core < cores_count() && core < 2; core++)
		check_shares(b, core);
	timing_close(b);
}
