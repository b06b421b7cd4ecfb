/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long operations do not keep others waiting: while a hundred thousand derivations are revoked, a Space that is full of them is
 * deleted, and Memory of thousands of pages is mapped and unmapped, a thread of higher priority on the same core wakes at its
 * deadlines again and again. It asks for the next one at once, so how often it woke counts how often the kernel looked, however
 * fast the machine is. One on another core does the same.
 *
 * `ci/qemu BUILD --only test-long --amount 1000000 -- -m 5G` does it with a million.
 */
#include "placing.h"
#include "print.h"
#include "timing.h"

enum {
	DERIVATIONS = 100000,
	EACH = 10000,           /* at least one wake for so many */
	TRIES = 6,              /* a host that is late with the timer's interrupts gets another chance */
	ENOUGH = 4,             /* times as many wakes as there must be */
	NAP = 2000,             /* microseconds: from then on */
	LARGE = 4 << 20,        /* Memory that is mapped in small pages */
	MAPS = 64,
	PRIORITY = 150,
	WAKERS = 2,
	INNER = 8 << 20,        /* what a case is built from; for more derivations more */
	CHUNK = 1 << 20,        /* the pool grows by */
	RECORD = 70,            /* bytes that one derivation takes, at most */
};

static struct waker {
	struct worker worker;
	handle_t alarm;
	volatile word_t wakes;
	volatile word_t limit; /* so many at once, then slowly */
} waker[WAKERS];

static void run_waker(word_t argument)
{
	struct waker *w = (struct waker *)argument;
	word_t bits;

	for (;;) {
		uint64_t deadline = arch_counter() + (w->wakes < w->limit ? 0 : microseconds(NAP));

		if (notification_arm(w->alarm, 1, deadline, 0) == OK && notification_wait(w->alarm, &bits) == OK)
			w->wakes++;
	}
}

static void begin_wakers(struct builder *b)
{
	for (unsigned i = 0; i < WAKERS; i++) {
		struct waker *w = &waker[i];

		w->wakes = w->limit = 0;
		require(build_object(b, KIND_NOTIFICATION, core_of(i), &w->alarm));
		require(worker_create(b, run_waker, (word_t)w, PRIORITY, &w->worker));
		place(&w->worker, i);
		require(worker_begin(&w->worker));
	}
}

static void end_wakers(struct builder *b)
{
	for (unsigned i = WAKERS; i-- > 0;) {
		worker_destroy(b, &waker[i].worker);
		builder_release(b, waker[i].alarm);
	}
}

static word_t wakes_before[WAKERS], wakes_elsewhere;

/* From now on they wake as often as they can, until they have done so ENOUGH times as often as they must. */
static void hurry(word_t wanted)
{
	for (unsigned i = 0; i < WAKERS; i++) {
		wakes_before[i] = waker[i].wakes;
		waker[i].limit = wakes_before[i] + ENOUGH * wanted;
	}
	wait_until(arch_counter() + microseconds(2 * NAP)); /* until they know */
	wakes_before[0] = waker[0].wakes;
	waker[0].limit = wakes_before[0] + ENOUGH * wanted;
}

/* How often the one of this core woke since then. */
static word_t woken(const char *what)
{
	word_t here = waker[0].wakes - wakes_before[0], elsewhere = waker[1].wakes - wakes_before[1];

	print("# %lu wakes here, %lu on core %lu: %s\n", here, elsewhere, core_of(1), what);
	wakes_elsewhere += elsewhere;
	return here;
}

/* A Space with a table for so many, and one derivation of `from` in each slot. */
static handle_t make_crowd(struct builder *b, handle_t from, word_t count)
{
	handle_t crowd, chunk;

	require(build_space(b, count + 1, 0, &crowd));
	for (size_t pool = 0; pool < count * RECORD; pool += CHUNK) {
		require(build_object(b, KIND_UNTYPED, CHUNK, &chunk));
		require(space_feed(crowd, chunk));
		builder_put_slots(b, chunk, 1);
	}
	for (handle_t slot = 1; slot <= count; slot++)
		require(space_derive(crowd, from, slot, RIGHTS_ALL));
	return crowd;
}

static bool crowd_is_empty(handle_t crowd, word_t count)
{
	struct slot_state state = {.kind = KIND_COUNT};

	for (handle_t slot = 1; slot <= count; slot++)
		if (space_slot(crowd, slot, &state) != OK || state.kind != KIND_NONE)
			return false;
	return true;
}

static void check_revoke(struct builder *b, handle_t top, word_t count)
{
	word_t wanted = count / EACH, wakes = 0;
	bool all = true, empty = true;

	for (unsigned i = 0; i < TRIES && wakes < wanted; i++) {
		handle_t crowd = make_crowd(b, top, count);

		hurry(wanted);
		all = space_revoke(PROGRAM_SPACE, top) == OK && all;
		wakes = woken("revoke");
		empty = crowd_is_empty(crowd, count) && empty;
		builder_release(b, crowd);
		all = untyped_reset(b->untyped) == OK && all;
	}
	check(all, "a hundred thousand derivations can be revoked, and all memory comes back");
	check(empty, "all derivations are gone");
	check(wakes >= wanted, "meanwhile a thread of higher priority wakes at its deadlines");
}

static void check_delete(struct builder *b, handle_t top, word_t count)
{
	word_t wanted = count / EACH, wakes = 0;
	bool all = true;

	for (unsigned i = 0; i < TRIES && wakes < wanted; i++) {
		handle_t crowd = make_crowd(b, top, count);

		hurry(wanted);
		all = space_delete(PROGRAM_SPACE, crowd) == OK && all;
		wakes = woken("delete");
		builder_put_slots(b, crowd, 1);
		all = untyped_reset(b->untyped) == OK && all;
	}
	check(all, "a Space with a hundred thousand handles can be deleted, and all memory comes back");
	check(wakes >= wanted, "meanwhile it wakes too");
}


/* At an address that no large page fits. */
static void check_maps(struct builder *b)
{
	uintptr_t place = builder_take_addresses(b, LARGE + PAGE_SIZE, LARGE) + PAGE_SIZE;
	handle_t space, large;
	word_t wakes = 0;
	bool all = true;

	require(build_space(b, SPACE_HANDLES_MIN, 256 * 1024, &space));
	require(build_object(b, KIND_MEMORY, LARGE, &large));
	for (unsigned n = 0; n < TRIES && wakes < MAPS / 16; n++) {
		hurry(MAPS / 16);
		for (unsigned i = 0; i < MAPS; i++)
			all = memory_map(large, space, place, RIGHT_READ) == OK && memory_unmap(large) == OK && all;
		wakes = woken("map");
	}
	check(all, "Memory of thousands of small pages can be mapped and unmapped");
	check(wakes >= MAPS / 16, "meanwhile it wakes");
	require(memory_map(large, space, place, RIGHT_READ));
	builder_release(b, space);
	check_ok(memory_map(large, PROGRAM_SPACE, place, RIGHT_READ), "what is mapped in a Space that is deleted can be mapped again");
	builder_release(b, large);
	b->address = place - PAGE_SIZE;
}

void test_run(struct builder *b)
{
	word_t count = test_amount(DERIVATIONS);
	size_t inner = INNER;
	handle_t top, outer;

	print("# %u cores, %lu derivations\n", cores_count(), count);
	while (inner < count * RECORD + CHUNK)
		inner *= 2;
	timing_open(b);
	begin_wakers(b);
	require(build_object(b, KIND_ENDPOINT, 0, &top));
	require(builder_enter(b, inner, &outer));
	check_revoke(b, top, count);
	check_delete(b, top, count);
	check_maps(b);
	check_ok(builder_leave(b, outer), "all memory comes back");
	builder_release(b, top);
	check(wakes_elsewhere > 0, "nor does a thread of another core wait until all is over");
	end_wakers(b);
	timing_close(b);
}
