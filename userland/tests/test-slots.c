/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What look-ups without a lock may see: handle slots that are emptied and refilled while threads on all cores use them, Notifications
 * that end while they are signalled, and signals from all cores at once, of which none may be lost.
 */
#include <abi/objects.h>

#include "placing.h"
#include "print.h"

enum { SIGNALLERS = 4, PRIORITY = 100, FLIPS = 240, OFTEN = 20, LIVES = 24, SIGNALS = 60, PART = 16384 };
enum { ALLOWED_1 = 1, ALLOWED_2 = 2, FORBIDDEN = 4 };

static handle_t slot; /* what all of them signal through */
static volatile bool stop;

static struct {
	struct worker worker;
	volatile word_t done, missed, other; /* results of its signals */
	volatile bool ended;
} signaller[SIGNALLERS];

static void run_signaller(word_t number)
{
	while (!stop) {
		struct message m = {.tag = tag_make(NOTIFICATION_SIGNAL, 1, 0) | TAG_NOWAIT_SEND, .w = {ALLOWED_1 | ALLOWED_2 | FORBIDDEN}};
		enum error error = message_send(slot, &m);

		if (error == OK)
			signaller[number].done++;
		else if (error == ERROR_BAD_HANDLE || error == ERROR_NO_RIGHTS || error == ERROR_WOULD_BLOCK)
			signaller[number].missed++;
		else
			signaller[number].other++;
		if (signaller[number].done % 16 == 0)
			yield();
	}
	signaller[number].ended = true;
}

static void begin_signallers(struct builder *b)
{
	stop = false;
	for (unsigned i = 0; i < SIGNALLERS; i++) {
		signaller[i].done = signaller[i].missed = signaller[i].other = 0;
		signaller[i].ended = false;
		require(worker_create(b, run_signaller, i, PRIORITY, &signaller[i].worker));
		place(&signaller[i].worker, i);
		require(worker_begin(&signaller[i].worker));
	}
}

static word_t end_signallers(struct builder *b)
{
	word_t other = 0;

	stop = true;
	for (unsigned i = SIGNALLERS; i-- > 0;) {
		while (!signaller[i].ended)
			yield();
		other += signaller[i].other;
		worker_destroy(b, &signaller[i].worker);
	}
	return other;
}

static bool all_often(void)
{
	for (unsigned i = 0; i < SIGNALLERS; i++)
		if (signaller[i].done < OFTEN)
			return false;
	return true;
}

static word_t bits_of(handle_t notification)
{
	struct message m;

	return message_receive(notification, &m, TAG_NOWAIT_RECEIVE) == OK ? m.badge : 0;
}

/* The slot holds now this, now that, now nothing. */
static void check_refill(struct builder *b)
{
	handle_t n[2], endpoint;
	unsigned i;

	require(build_object(b, KIND_NOTIFICATION, core_of(0), &n[0]));
	require(build_object(b, KIND_NOTIFICATION, core_of(1), &n[1]));
	require(build_object(b, KIND_ENDPOINT, core_of(2), &endpoint));
	begin_signallers(b);
	for (i = 0; i < FLIPS || !all_often(); i++) {
		if (i % 8 == 7)
			require(space_derive(PROGRAM_SPACE, endpoint, slot, RIGHT_SEND));
		else
			require(space_derive_badged(PROGRAM_SPACE, n[i / 4 % 2], slot, RIGHT_SIGNAL, 1 + i % 2));
		if (i % 4 == 0)
			yield();
		require(space_delete(PROGRAM_SPACE, slot));
	}
	print("# %u times refilled, %lu signals, %lu found nothing\n", i, signaller[0].done + signaller[1].done + signaller[2].done + signaller[3].done,
	      signaller[0].missed + signaller[1].missed + signaller[2].missed + signaller[3].missed);
	check_equal(end_signallers(b), 0, "who uses a slot that changes finds what was there, or nothing");
	check_equal((bits_of(n[0]) | bits_of(n[1])) & FORBIDDEN, 0, "and never gets through it without the badge that it was filled with");
	builder_release(b, endpoint);
	builder_release(b, n[1]);
	builder_release(b, n[0]);
}

static bool all_zero(const volatile word_t *page)
{
	for (size_t i = 0; i < PART / sizeof(word_t); i++)
		if (page[i] != 0)
			return false;
	return true;
}

/* Notifications that end while all cores signal them; their memory is used again at once. */
static void check_reuse(struct builder *b)
{
	handle_t part, inner, memory = builder_take_slots(b, 1);
	uintptr_t address = builder_take_addresses(b, PART, PAGE_SIZE);
	unsigned reset = 0, zero = 0;

	require(build_object(b, KIND_UNTYPED, 2 * PART, &part));
	require(untyped_create(part, KIND_UNTYPED, PART, 1, 0, inner = builder_take_slots(b, 1)));
	begin_signallers(b);
	for (unsigned i = 0; i < LIVES || !all_often(); i++) {
		bool clean;

		require(untyped_create(inner, KIND_NOTIFICATION, core_of(i), 1, 0, slot));
		for (unsigned n = 0; n < i % 4; n++)
			yield();
		require(space_delete(PROGRAM_SPACE, slot));
		clean = untyped_reset(inner) == OK;
		reset += !clean;
		require(untyped_create(inner, KIND_MEMORY, PART, 1, 0, memory));
		require(memory_map(memory, PROGRAM_SPACE, address, RIGHT_READ));
		zero += !all_zero((const volatile word_t *)address);
		require(space_delete(PROGRAM_SPACE, memory));
		require(untyped_reset(inner));
	}
	check_equal(end_signallers(b), 0, "signals to a Notification that ends reach it or find nothing");
	check_equal(reset, 0, "its memory is free as soon as it was deleted");
	check_equal(zero, 0, "and nobody writes to it afterwards");
	b->address = address;
	builder_release(b, inner);
	builder_release(b, part);
	builder_put_slots(b, memory, 1);
}

/* ---- counted signals ---- */

static struct {
	handle_t from;                   /* what the collector receives from */
	handle_t notification;           /* what they signal */
	handle_t taken[SIGNALLERS];      /* tells a signaller that its signal was taken */
	volatile word_t count[SIGNALLERS], messages;
	volatile word_t finished;
} post;

static void run_collector(word_t unused)
{
	struct message m;

	(void)unused;
	while (message_receive(post.from, &m, 0) == OK) {
		if (tag_label(m.tag) != LABEL_NOTIFICATION) {
			post.messages++;
			continue;
		}
		for (unsigned i = 0; i < SIGNALLERS; i++) {
			if (m.badge >> i & 1) {
				post.count[i]++;
				(void)notification_signal(post.taken[i], 1);
			}
		}
	}
}

static void run_poster(word_t number)
{
	word_t bits;

	for (unsigned i = 0; i < SIGNALS; i++) {
		(void)notification_signal(post.notification, (word_t)1 << number);
		(void)notification_wait(post.taken[number], &bits);
		if (post.from != post.notification) {
			struct message m = {.tag = tag_make(1, 1, 0)};

			(void)message_send(post.from, &m);
		}
	}
	__atomic_fetch_add(&post.finished, 1, __ATOMIC_SEQ_CST);
}

static void check_signals(struct builder *b, unsigned home, unsigned core, bool bound)
{
	struct worker collector, poster[SIGNALLERS];
	word_t messages = bound ? SIGNALLERS * SIGNALS : 0;
	uint64_t limit;
	unsigned right = 0;

	require(build_object(b, KIND_NOTIFICATION, core_of(home), &post.notification));
	post.from = post.notification;
	if (bound)
		require(build_object(b, KIND_ENDPOINT, core_of(home), &post.from));
	post.messages = post.finished = 0;
	require(worker_create(b, run_collector, 0, PRIORITY + 1, &collector));
	place(&collector, core);
	if (bound)
		require(notification_bind(post.notification, collector.thread));
	require(worker_begin(&collector));
	for (unsigned i = 0; i < SIGNALLERS; i++) {
		post.count[i] = 0;
		require(build_object(b, KIND_NOTIFICATION, core_of(i), &post.taken[i]));
		require(worker_create(b, run_poster, i, PRIORITY, &poster[i]));
		place(&poster[i], i);
	}
	for (unsigned i = 0; i < SIGNALLERS; i++)
		require(worker_begin(&poster[i]));
	while (__atomic_load_n(&post.finished, __ATOMIC_SEQ_CST) < SIGNALLERS)
		yield();
	limit = arch_counter() + test_info()->frequency;
	while (post.messages < messages && arch_counter() < limit) /* the last one was taken, but maybe not counted yet */
		yield();
	for (unsigned i = 0; i < SIGNALLERS; i++)
		right += post.count[i] == SIGNALS;
	check_equal(right, SIGNALLERS, bound ? "a bound Notification loses no signal of any core" : "a Notification loses no signal of any core");
	check_equal(post.messages, messages, "nor does the Endpoint beside it lose a message");
	for (unsigned i = SIGNALLERS; i-- > 0;) {
		worker_destroy(b, &poster[i]);
		builder_release(b, post.taken[i]);
	}
	worker_destroy(b, &collector);
	if (bound)
		builder_release(b, post.from);
	builder_release(b, post.notification);
}

void test_run(struct builder *b)
{
	print("# %u cores\n", cores_count());
	slot = builder_take_slots(b, 1);
	check_refill(b);
	check_reuse(b);
	for (unsigned i = 0; i < 4; i++)
		check_signals(b, i % 2, i + 1, i / 2);
	builder_put_slots(b, slot, 1);
}
