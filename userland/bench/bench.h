/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks: what their files share. One program does it all; it starts itself again as `peer` in other Spaces.
 *
 * A measurement has a name (printed, so that who counts can pair it with the counts) and is made in one of two passes:
 *   single   each trip is a region of its own between two markers; the last ones count, the first ones warm up
 *   many     10,000 trips: in one region, or where something must be done in between each in its own, which are added up
 * A marker is a store to the page at BENCH_MARK that the counting plugin watches (ci/count/count.c says which word means
 * what). Its address and the words' offsets fit into one or two instructions everywhere.
 */
#ifndef BENCH_H
#define BENCH_H

#include "build.h"
#include "machine.h"
#include "worker.h"

#define BENCH_MARK 0x3ff00000 /* ci/bench reads this line */

enum mark { MARK_END, MARK_BEGIN, MARK_NEXT, MARK_QUICK, MARK_FINISH, MARK_SUM };
enum { WARM_TRIPS = 12, MANY_TRIPS = 10000 };

/* Everything is made at this priority; what shall run before it stands above. */
enum { BENCH_PRIORITY = 100, BENCH_PRIORITY_LOW = 90, BENCH_PRIORITY_HIGH = 110 };

extern const struct program_info *bench_info;
extern struct builder bench_builder;
extern bool bench_many; /* the pass */

/* An Untyped of its own for what is large for a while; a large object of all of it fits. */
#define BENCH_LARGE ((size_t)128 * 1024 * 1024)
extern handle_t bench_large;

/* From now on the builder creates from this Untyped; returns the one before, for bench_leave(), which takes all of it back: what
   was created from it must have been released. */
handle_t bench_enter(handle_t untyped);
void bench_leave(handle_t around);

/* From here on regions belong to this measurement, of `trips` trips each. */
void bench_next(const char *name, unsigned trips);

/* The same for regions of one trip each, which in the second pass are added up; returns how many there shall be. */
unsigned bench_next_steps(const char *name);

/* Ends the program if something did not go as it must: figures of a trip that failed are worth nothing. */
void bench_must(enum error error, const char *what);

/* A word with an unknown value, for registers that nobody looks at: costs no instruction. */
static inline word_t bench_any(void)
{
	word_t value;

	__asm__ volatile("" : "=r"(value));
	return value;
}

/* The end of a region is counted but for its store: so it is word 0 and whatever is in a register, which leaves at most one
   instruction, for the address. */
static inline void bench_mark(enum mark mark)
{
	*(volatile uint64_t *)(BENCH_MARK + 8 * (uintptr_t)mark) = bench_any();
}

/* The trap with as little around it as possible: the words are whatever the registers hold. */
static inline word_t bench_trap(word_t to, word_t from, word_t tag)
{
	word_t w[MESSAGE_REGISTERS] = {bench_any(), bench_any(), bench_any(), bench_any(),
				       bench_any(), bench_any(), bench_any(), bench_any()};
	word_t badge;

	return arch_ipc(to, from, &tag, &badge, w);
}

/* A message of one word. */
static inline word_t bench_say(word_t to, word_t from, word_t label, word_t w0)
{
	word_t w[MESSAGE_REGISTERS] = {w0,          bench_any(), bench_any(), bench_any(),
				       bench_any(), bench_any(), bench_any(), bench_any()},
	       badge;
	word_t tag = tag_make(label, 1, 0);

	return arch_ipc(to, from, &tag, &badge, w);
}

/* Creates one object in the handle window. */
static inline word_t bench_create(word_t untyped, enum kind kind, word_t parameter)
{
	word_t w[MESSAGE_REGISTERS] = {kind, parameter, 1, 0, bench_any(), bench_any(), bench_any(), bench_any()}, badge;
	word_t tag = tag_make(UNTYPED_CREATE, 4, 0);

	return arch_ipc(untyped, HANDLE_NONE, &tag, &badge, w);
}

/* Derives `handle` into `slot` of the own table. */
static inline word_t bench_derive(word_t handle, word_t slot, word_t rights)
{
	word_t w[MESSAGE_REGISTERS] = {handle, slot, rights, 0, bench_any(), bench_any(), bench_any(), bench_any()}, badge,
	       tag = tag_make(SPACE_DERIVE, 4, 0);

	return arch_ipc(PROGRAM_SPACE, HANDLE_NONE, &tag, &badge, w);
}

/* Signals bit 0; waits for any bit. */
static inline word_t bench_signal(word_t to)
{
	return bench_say(to, HANDLE_NONE, NOTIFICATION_SIGNAL, 1);
}

static inline word_t bench_wait(word_t from)
{
	return bench_trap(HANDLE_NONE, from, 0);
}

/* The status is looked at behind this, not before. */
static inline void bench_later(word_t *status)
{
	__asm__ volatile("" : "+r"(*status) : : "memory");
}

/* Regions of one trip each; `before` and `after` are done outside of them. */
#define BENCH_REGIONS(name, trips, before, trip, after)                                         \
	do {                                                                                    \
		word_t status = OK;                                                             \
                                                                                                \
		for (unsigned left = (trips); status_error(status) == OK && left > 0; left--) { \
			before;                                                                 \
			bench_mark(MARK_BEGIN);                                                 \
			status = (trip);                                                        \
			bench_mark(MARK_END);                                                   \
			bench_later(&status);                                                   \
			after;                                                                  \
		}                                                                               \
		bench_must(status_error(status), name);                                         \
	} while (0)

/* What cannot be repeated just so, as often as the pass wants. */
#define BENCH_STEPS(name, before, trip, after) BENCH_REGIONS(name, bench_next_steps(name), before, trip, after)

/* So many single trips in each pass. */
#define BENCH_SINGLE(name, trips, before, trip, after)           \
	do {                                                     \
		bench_next(name, 1);                             \
		BENCH_REGIONS(name, trips, before, trip, after); \
	} while (0)

/* An expression whose value is a status: single trips, or all in one region. */
#define BENCH_TRIPS(name, ...)                                                                  \
	do {                                                                                    \
		if (bench_many) {                                                               \
			word_t status = OK;                                                     \
                                                                                                \
			bench_next(name, MANY_TRIPS);                                           \
			bench_mark(MARK_BEGIN);                                                 \
			for (unsigned i = MANY_TRIPS; status_error(status) == OK && i > 0; i--) \
				status = (__VA_ARGS__);                                         \
			bench_mark(MARK_END);                                                   \
			bench_later(&status);                                                   \
			bench_must(status_error(status), name);                                 \
		} else {                                                                        \
			BENCH_STEPS(name, , (__VA_ARGS__), );                                   \
		}                                                                               \
	} while (0)

/* ---- peers: this program in a Space of its own ---- */

enum role {
	ROLE_MAIN,
	ROLE_SERVER, /* receives and answers from PEER_ENDPOINT for ever, with the tag that its argument says */
	ROLE_TAKER, /* the same, with both windows open */
	ROLE_ECHO, /* waits for PEER_FIRST, signals PEER_SECOND: two calls */
	ROLE_ECHO_ONE, /* the same in one call */
	ROLE_YIELDER, /* yields for ever */
	ROLE_TOUCHER, /* reads the word at its argument; then page after page from there on */
};

/* Handles that a peer finds, and in whose slots main has its own objects for workers; what they are depends on the role. */
enum peer_handle { PEER_FIRST = MACHINE_WINDOW + 1, PEER_ENDPOINT = PEER_FIRST, PEER_SECOND, PEER_THIRD };

/* Where a taker's windows are. */
enum { TAKER_SLOT = 900 };
#define TAKER_ADDRESS ((uintptr_t)1 << 32)

struct peer {
	enum role role;
	word_t argument;
	word_t rights[2]; /* to PEER_FIRST, PEER_SECOND, which main has in the same slots; 0: it does not get it */
	handle_t pager; /* unbadged Endpoint for its page faults; HANDLE_NONE: its parent */
};

struct program;

/* Starts a peer; it runs when this thread waits. */
void peer_start(const struct peer *peer, struct program *out);
void peer_end(struct program *program);

/* Answers every call for ever; for workers too. */
void peer_serve(word_t tag);

/* What a peer does by its role. */
void peer_main(enum role role, word_t argument);

/* Creates an object of main's in the slot of PEER_FIRST or PEER_SECOND; unmake deletes what is in the slot. */
void bench_make(enum kind kind, word_t core, handle_t slot);
void bench_unmake(handle_t slot);

/* A worker that begins at once, and its end. */
void bench_worker(void (*entry)(word_t), word_t argument, word_t priority, struct worker *out);

/* Waits for so many microseconds: others run. */
void bench_sleep(word_t microseconds);

/* ---- the topics, one file each ---- */

void bench_refused(void);
void bench_ipc(void);
void bench_notification(void);
void bench_schedule(void);
void bench_interrupt(void);
void bench_fault(void);
void bench_delegate(void);
void bench_revoke(void);
void bench_objects(void);
void bench_fpu(void);
void bench_sizes(void);
void bench_growth(void);
void bench_cores(void);

#endif
