/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for deadlines. */
#include "timing.h"

enum { TRIES = 20, SLICE = 10000 }; /* microseconds */

static handle_t ticker;

void timing_open(struct builder *b)
{
	require(build_object(b, KIND_NOTIFICATION, 0, &ticker));
}

void timing_close(struct builder *b)
{
	builder_release(b, ticker);
}

uint64_t microseconds(uint64_t count)
{
	return test_info()->frequency * count / 1000000 + 1;
}

void wait_until(uint64_t deadline)
{
	word_t bits;

	require(notification_arm(ticker, 1, deadline, 0));
	require(notification_wait(ticker, &bits));
}

void wait_now(void)
{
	wait_until(arch_counter());
}

word_t pending(handle_t notification)
{
	struct message m;

	return message_receive(notification, &m, TAG_NOWAIT_RECEIVE) == OK ? m.badge : 0;
}

bool disarm(handle_t notification)
{
	bool armed = false;

	require(notification_disarm(notification, &armed));
	return armed;
}

uint32_t random_below(uint32_t below)
{
	static uint32_t state = 20250101;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

/* ---- waiters ---- */

static word_t turns;

static void run_waiter(word_t argument)
{
	struct waiter *w = (struct waiter *)argument;

	w->m.tag = 0;
	w->status = ipc(HANDLE_NONE, w->from, &w->m);
	w->turn = ++turns;
	w->done = true;
}

void waiter_create(struct builder *b, word_t priority, struct waiter *w)
{
	*w = (struct waiter){.done = true};
	require(worker_create(b, run_waiter, (word_t)w, priority, &w->worker));
}

void waiter_destroy(struct builder *b, struct waiter *w)
{
	worker_destroy(b, &w->worker);
}

void waiter_start(struct waiter *w, handle_t notification)
{
	w->from = notification;
	w->done = false;
	require(worker_begin(&w->worker));
}

bool waiter_signalled(const struct waiter *w, word_t bits)
{
	return w->done && w->status == status_make(OK, PHASE_RECEIVE, 0) && w->m.badge == bits &&
	       w->m.tag == tag_make(LABEL_NOTIFICATION, 0, 0);
}

bool waiter_failed(const struct waiter *w, enum error error)
{
	return w->done && w->status == status_make(error, PHASE_RECEIVE, 0);
}

void waiters_reset(void)
{
	turns = 0;
}

bool turns_ordered(const word_t *turn, unsigned count, uint64_t start)
{
	uint64_t slices = (arch_counter() - start) / microseconds(SLICE), late = 0;
	word_t least = (word_t)-1; /* of those that should have come later */

	for (unsigned i = count; i-- > 0;) {
		if (turn[i] == 0)
			continue;
		if (turn[i] > least)
			late++;
		else
			least = turn[i];
	}
	return late <= slices;
}

bool one_of_several(bool (*run)(void))
{
	for (unsigned i = 0; i < TRIES; i++)
		if (run())
			return true;
	return false;
}
