/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translations that several cores use are taken away: when the call returns, no core writes through them any more, and
 * whoever tries faults. One thread on each core writes all the time; the test sees the same page through a mapping of its own.
 */
#include "placing.h"
#include "print.h"

enum { HAMMERS = 4, ROUNDS = 8, PRIORITY = 100, YIELD_EACH = 64 };

static handle_t faults, memory, derived, replies;
static volatile word_t *mine; /* the page, through the capability's own mapping */
static uintptr_t theirs;      /* where it comes and goes */
static struct worker hammer[HAMMERS];

static void run_hammer(word_t number)
{
	volatile word_t *place = (volatile word_t *)theirs + number;

	for (word_t i = 1;; i++) {
		*place = i;
		if (i % YIELD_EACH == 0)
			yield();
	}
}

static void show(void)
{
	require(memory_derive(memory, 0, 0, RIGHTS_ALL, derived));
	require(space_map(PROGRAM_SPACE, derived, theirs, RIGHT_READ | RIGHT_WRITE, 0, 0, NULL));
}

/* The ways to take it away. */
static enum error hide(unsigned way)
{
	switch (way % 4) {
	case 0:
		return space_unmap(PROGRAM_SPACE, theirs, PAGE_SIZE);
	case 1:
		return memory_revoke(memory, 0, 0);
	case 2:
		return space_revoke(PROGRAM_SPACE, memory);
	default:
		return space_delete(PROGRAM_SPACE, derived);
	}
}

static const char *const ways[] = {"unmap", "revoke of a range", "revoke", "delete"};

/* Has each of them written since this began? */
static bool all_write(void)
{
	word_t before[HAMMERS];
	bool all = true;

	for (unsigned i = 0; i < HAMMERS; i++)
		before[i] = mine[i];
	for (unsigned i = 0; i < HAMMERS; i++)
		all = changes(&mine[i], before[i]) && all;
	return all;
}

/* Receives one fault of each of them and saves the right to answer it. */
static unsigned collect_faults(void)
{
	unsigned right = 0;
	struct message m;

	for (unsigned i = 0; i < HAMMERS; i++) {
		require(message_receive(faults, &m, 0));
		right += tag_label(m.tag) == LABEL_PAGE_FAULT && (m.w[0] & ~(word_t)(PAGE_SIZE - 1)) == theirs;
		require(thread_save_reply(PROGRAM_THREAD, replies + i));
	}
	return right;
}

static void answer_faults(void)
{
	for (unsigned i = 0; i < HAMMERS; i++) {
		struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 0)};

		require(message_send(replies + i, &m));
	}
}

static void check_round(unsigned round)
{
	const char *way = ways[round % 4];
	word_t after[HAMMERS];
	unsigned same = 0;
	char name[100];

	(void)text_format(name, sizeof name, "all cores write through a mapping: %s", way);
	check(all_write(), name);
	require(hide(round));
	for (unsigned i = 0; i < HAMMERS; i++)
		after[i] = mine[i];
	(void)text_format(name, sizeof name, "then each of them faults: %s", way);
	check_equal(collect_faults(), HAMMERS, name);
	for (unsigned i = 0; i < HAMMERS; i++)
		same += mine[i] == after[i];
	(void)text_format(name, sizeof name, "and nothing was written after the call had returned: %s", way);
	check_equal(same, HAMMERS, name);
	(void)space_delete(PROGRAM_SPACE, derived);
	show();
	answer_faults();
}

void test_run(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_PAGER};
	void *address;

	print("# %u cores\n", cores_count());
	require(build_object(b, KIND_ENDPOINT, 0, &faults));
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	derived = builder_take_slots(b, 1);
	replies = builder_take_slots(b, HAMMERS);
	address = (void *)builder_take_addresses(b, 2 * PAGE_SIZE, PAGE_SIZE);
	mine = address;
	theirs = (uintptr_t)address + PAGE_SIZE;
	require(memory_map(memory, PROGRAM_SPACE, (uintptr_t)address, RIGHT_READ | RIGHT_WRITE));
	show();
	binding.pager = faults;
	for (unsigned i = 0; i < HAMMERS; i++) {
		require(worker_create(b, run_hammer, i, PRIORITY, &hammer[i]));
		require(thread_configure(hammer[i].thread, &binding));
		place(&hammer[i], i);
		require(worker_begin(&hammer[i]));
	}
	for (unsigned round = 0; round < ROUNDS; round++)
		check_round(round);
	check_ok(memory_unmap(memory), "the other mapping is there to the end");
	for (unsigned i = HAMMERS; i-- > 0;)
		worker_destroy(b, &hammer[i]);
	builder_release(b, derived);
	builder_release(b, memory);
	builder_put_slots(b, replies, HAMMERS);
	builder_release(b, faults);
}
