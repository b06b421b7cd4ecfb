/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores, and what runs where. */
#include "placing.h"

enum { CEILING = 200, HANG = 30 /* seconds */ };

unsigned cores_count(void)
{
	static unsigned count;
	struct system_state system;

	if (count == 0) {
		require(system_info(PROGRAM_SYSTEM, &system));
		count = (unsigned)system.cores;
	}
	return count;
}

word_t core_of(unsigned n)
{
	return n % cores_count();
}

enum error place_context(handle_t context, unsigned n)
{
	const struct context_state state = {
		.core = core_of(n),
		.budget = CONTEXT_UNLIMITED,
		.period = CONTEXT_UNLIMITED,
		.ceiling = CEILING,
	};

	return context_configure(context, &state);
}

void place(const struct worker *w, unsigned n)
{
	require(place_context(w->context, n));
}

bool changes(const volatile word_t *place, word_t before)
{
	uint64_t hang = arch_counter() + HANG * test_info()->frequency;

	while (*place == before && arch_counter() < hang)
		yield();
	return *place != before;
}

bool comes_into(handle_t thread, enum thread_state state)
{
	uint64_t hang = arch_counter() + HANG * test_info()->frequency;
	struct thread_report report = {.state = THREAD_STOPPED};

	for (;;) {
		require(thread_query(thread, &report));
		if (report.state == state || arch_counter() > hang)
			return report.state == state;
		yield();
	}
}
