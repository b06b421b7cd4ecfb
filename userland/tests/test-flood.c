/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thousands of deadlines due at the same moment, armed by a thread of low priority: the kernel lets a few of them
 * expire at a time, those of high priority first, so a thread of high priority gets its turn before the others are
 * through. All is counted, nothing is timed. It runs in a Space with a table large enough for thousands of handles.
 */
#include "actor.h"
#include "print.h"
#include "timing.h"

enum {
	FLOOD = 3000,            /* Notifications */
	AT_ONCE = 60,            /* created by one call */
	WORK = 8,               /* system calls that the thread of high priority makes before it looks */
	LOW_PRIORITY = 30,       /* of who arms them */
	HIGH_PRIORITY = 190,     /* of who must not starve */
	UNTYPED_SIZE = 4 << 20,
	POOL_SIZE = 1 << 20,
};

/* Handles of the flooder's own table, beside its Thread. */
enum { SLOT_UNTYPED = 1, SLOT_CONTEXT, SLOT_MINE, SLOT_DONE, SLOT_FIRST = 1024 };

/* What the flooder found. In its worker's page, which both Spaces see. */
struct flood {
	handle_t thread;
	uint64_t frequency;
	word_t created;  /* Notifications */
	word_t in_time;  /* armed before the first of them was due */
	word_t woken;    /* the deadline of high priority came, not before its time */
	word_t left;     /* of the flood had not expired when the thread of high priority had done its work */
	word_t expired;  /* of the flood had one bit set in the end */
	word_t wrong;    /* had anything else, or came and were taken back, or neither */
	word_t finished;
};

static volatile struct flood *flood_beside(struct buffer *buffer)
{
	return (volatile struct flood *)((uintptr_t)buffer + 3 * BUFFER_SIZE);
}

static bool create_all(volatile struct flood *f)
{
	for (handle_t slot = SLOT_FIRST; slot < SLOT_FIRST + FLOOD; slot += AT_ONCE) {
		if (untyped_create(SLOT_UNTYPED, KIND_NOTIFICATION, 0, AT_ONCE, 0, slot) != OK)
			return false;
		f->created += AT_ONCE;
	}
	return untyped_create(SLOT_UNTYPED, KIND_NOTIFICATION, 0, 1, 0, SLOT_MINE) == OK;
}

/* Arms all of them, and one of high priority, for the same moment. False: it came before they were armed. */
static bool arm_all(const volatile struct flood *f, uint64_t deadline)
{
	(void)thread_priority(f->thread, LOW_PRIORITY, SLOT_CONTEXT);
	for (handle_t slot = SLOT_FIRST; slot < SLOT_FIRST + FLOOD; slot++)
		(void)notification_arm(slot, 1, deadline, 0);
	(void)thread_priority(f->thread, HIGH_PRIORITY, SLOT_CONTEXT);
	(void)notification_arm(SLOT_MINE, 1, deadline, 0);
	return arch_counter() < deadline;
}

/* Nothing is armed, no bit is set. */
static void drain(void)
{
	struct message m;

	for (handle_t slot = SLOT_FIRST; slot < SLOT_FIRST + FLOOD; slot++) {
		(void)notification_disarm(slot, NULL);
		(void)message_receive(slot, &m, TAG_NOWAIT_RECEIVE);
	}
	(void)notification_disarm(SLOT_MINE, NULL);
	(void)message_receive(SLOT_MINE, &m, TAG_NOWAIT_RECEIVE);
}

/* Each of them either is taken back now, or has come, exactly once. */
static void count(volatile struct flood *f)
{
	static bool taken_back[FLOOD];

	for (unsigned i = 0; i < FLOOD; i++) {
		if (notification_disarm(SLOT_FIRST + i, &taken_back[i]) != OK)
			f->wrong++;
		f->left += taken_back[i];
	}
	for (unsigned i = 0; i < FLOOD; i++) {
		word_t bits = pending(SLOT_FIRST + i);

		f->expired += bits == 1;
		f->wrong += bits != (taken_back[i] ? 0u : 1u);
	}
}

static void run_flood(word_t argument)
{
	volatile struct flood *f = flood_beside(buffer_self());
	uint64_t deadline = 0, lead = f->frequency / 100;
	word_t bits = 0;

	(void)argument;
	if (create_all(f)) {
		for (unsigned tries = 0; tries < 12 && !f->in_time; tries++, lead *= 2) {
			drain();
			deadline = arch_counter() + lead;
			f->in_time = arm_all(f, deadline);
		}
		f->woken = notification_wait(SLOT_MINE, &bits) == OK && bits == 1 && arch_counter() >= deadline;
		for (unsigned i = 0; i < WORK; i++)
			yield();
		count(f);
	}
	f->finished = 1;
	(void)notification_signal(SLOT_DONE, 1);
}

static void give(handle_t space, handle_t handle, handle_t slot)
{
	require(space_derive(space, handle, slot, RIGHTS_ALL));
}

static void check_flood(struct builder *b, const struct domain *d, handle_t done)
{
	struct actor flooder = {.script = NULL}; /* a worker that can be moved to the domain */
	volatile struct flood *f;
	handle_t untyped;
	word_t bits;

	require(worker_create(b, run_flood, 0, HIGH_PRIORITY, &flooder.worker));
	f = flood_beside(worker_buffer(&flooder.worker));
	f->thread = flooder.worker.thread;
	f->frequency = test_info()->frequency;
	require(build_object(b, KIND_UNTYPED, UNTYPED_SIZE, &untyped));
	require(space_move(d->space, untyped, SLOT_UNTYPED));
	builder_put_slots(b, untyped, 1);
	give(d->space, PROGRAM_CONTEXT, SLOT_CONTEXT);
	give(d->space, done, SLOT_DONE);
	require(actor_move(d, &flooder));
	require(worker_begin(&flooder.worker));
	require(notification_wait(done, &bits));
	check(f->finished == 1 && f->created == FLOOD, "a Space can hold thousands of Notifications");
	check(f->in_time == 1, "all can be armed for the same moment");
	check(f->woken == 1, "the deadline of high priority comes");
	check(f->left > 0, "its thread gets work done before thousands of low priority have expired");
	print("# %lu of %u had not expired\n", f->left, (unsigned)FLOOD);
	check(f->wrong == 0 && f->left + f->expired == FLOOD, "each of them has come once, or could be taken back");
	worker_destroy(b, &flooder.worker);
}

void test_run(struct builder *b)
{
	struct domain d;
	handle_t done;

	require(build_object(b, KIND_NOTIFICATION, 0, &done));
	require(domain_create(b, POOL_SIZE, &d));
	check_flood(b, &d, done);
	domain_destroy(b, &d);
	builder_release(b, done);
}
