/* SPDX-License-Identifier: BSD-2-Clause */
/* Unit tests: what a test is and how it says what it found. TAP goes to standard output. */
#ifndef UNIT_H
#define UNIT_H

#include "user.h"

struct test {
	const char *name;
	void (*run)(void);
};

/* What a group's tests start from. */
enum start {
	START_NOTHING, /* a machine that has not booted */
	START_ROOT,    /* the root component runs; once for each shape of page tables */
	START_CORES,   /* the same with HOSTED_CORES cores, one shape */
};

struct group {
	const char *name;
	enum start start;
	const struct test *tests; /* up to one without a name */
};

extern const struct group basics_group, parsers_group, boot_group, boot_data_group, structures_group, pages_group, untyped_group, memory_group, space_group,
	thread_group, notification_group, ipc_group, items_group, fault_group, context_group, fpu_group, preempt_group, revoke_group, cores_group,
	trace_group, checker_group, fast_group;

/* Notes a failure; the test goes on. Returns the condition. */
bool check_at(bool condition, const char *what, const char *file, int line);
bool check_equal_at(uint64_t have, uint64_t want, const char *what, const char *file, int line);

#define CHECK(condition) check_at(condition, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(have, want) check_equal_at((uint64_t)(have), (uint64_t)(want), #have, __FILE__, __LINE__)

/* Is this the thread that runs on the core that acts? */
static inline bool runs(const struct thread *t)
{
	return hosted_core()->running == &t->frame;
}

/* A message to an object by the thread that runs; true: it ends with that error. */
#define ANSWERS(error, object, label, ...) check_equal_at(user_call(object, label, WORDS(__VA_ARGS__)), error, #label, __FILE__, __LINE__)

/* The test cannot go on. */
_Noreturn void give_up(const char *why);

/* A reproducible random number below `limit`. */
uint32_t random_below(uint32_t limit);
void random_seed(uint32_t seed);

#endif
