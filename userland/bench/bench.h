/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks: what their files share. One program does it all; it starts itself again as `peer` in other Spaces.
 *
 * A measurement has a name (printed, so that who counts can pair it with the counts) and is made in one of two passes:
 *   single   each trip is a region of its own between two markers; the last ones count, the first ones warm up
 *   many     one region holds many trips
 * A marker is a store to the page at BENCH_MARK that the counting plugin watches (ci/count/count.c says which word means
 * what). Its address and the words' offsets fit into one or two instructions everywhere.
 */
#ifndef BENCH_H
#define BENCH_H

#include "build.h"
#include "program.h"
#include "worker.h"

#define BENCH_MARK 0x3ff00000 /* ci/bench reads this line */

enum mark { MARK_BEGIN, MARK_END, MARK_NEXT, MARK_QUICK, MARK_FINISH };
enum { WARM_TRIPS = 12, MANY_TRIPS = 10000 };

/* Everything is made at this priority; what shall run before it stands above. */
enum { BENCH_PRIORITY = 100, BENCH_PRIORITY_LOW = 90, BENCH_PRIORITY_HIGH = 110 };

extern const struct program_info *bench_info;
extern struct builder bench_builder;
extern bool bench_many; /* the pass */

static inline void bench_mark(enum mark mark)
{
	*(volatile uint64_t *)(BENCH_MARK + 8 * (uintptr_t)mark) = 0;
}

/* From here on regions belong to this measurement, of `trips` trips each. */
void bench_next(const char *name, unsigned trips);

/* Ends the program if something did not go as it must: figures of a trip that failed are worth nothing. */
void bench_must(enum error error, const char *what);

/* A word with an unknown value, for registers that nobody looks at: costs no instruction. */
static inline word_t bench_any(void)
{
	word_t value;

	__asm__ volatile("" : "=r"(value));
	return value;
}

/* The trap with as little around it as possible: the words are whatever the registers hold. */
static inline word_t bench_trap(word_t to, word_t from, word_t tag)
{
	word_t w[MESSAGE_REGISTERS] = {bench_any(), bench_any(), bench_any(), bench_any(), bench_any(), bench_any()}, badge;

	return arch_ipc(to, from, &tag, &badge, w);
}

/* A message of up to four words to a kernel object. */
static inline word_t bench_ask(word_t to, word_t label, word_t words, word_t w0, word_t w1, word_t w2, word_t w3)
{
	word_t w[MESSAGE_REGISTERS] = {w0, w1, w2, w3, bench_any(), bench_any()}, badge, tag = tag_make(label, words, 0);

	return arch_ipc(to, HANDLE_NONE, &tag, &badge, w);
}

/* Does `trip`, an expression that is a status, as often as the pass wants, between markers. */
#define BENCH_TRIPS(name, trips, trip)                                                           \
	do {                                                                                     \
		word_t status = OK;                                                              \
                                                                                                 \
		bench_next(name, bench_many ? (trips) : 1);                                      \
		if (bench_many) {                                                                \
			bench_mark(MARK_BEGIN);                                                  \
			for (unsigned i = (trips); status_error(status) == OK && i > 0; i--)     \
				status = (trip);                                                 \
			bench_mark(MARK_END);                                                    \
		} else {                                                                         \
			for (unsigned i = WARM_TRIPS; status_error(status) == OK && i > 0; i--) { \
				bench_mark(MARK_BEGIN);                                          \
				status = (trip);                                                 \
				bench_mark(MARK_END);                                            \
			}                                                                        \
		}                                                                                \
		bench_must(status_error(status), name);                                          \
	} while (0)

/* ---- peers: this program in a Space of its own ---- */

enum role {
	ROLE_MAIN,
	ROLE_SERVER,    /* receives and answers from PEER_ENDPOINT for ever, with the tag that its argument says */
	ROLE_COUNT
};

/* Handles that a peer finds; which ones depends on its role. */
enum peer_handle { PEER_ENDPOINT = PROGRAM_GIFTS, PEER_SECOND, PEER_THIRD };

struct peer {
	enum role role;
	word_t argument;
	handle_t gift[3];  /* for PEER_ENDPOINT ...; HANDLE_NONE: none */
	word_t rights[3];
	handle_t pager;    /* unbadged Endpoint for its page faults; HANDLE_NONE: its parent */
	word_t priority;
};

struct program;

/* Starts a peer; it runs when this thread waits. */
void peer_start(const struct peer *peer, struct program *out);
void peer_end(struct program *program);

/* Answers every call for ever; for workers too, since main holds its objects in the slots of PEER_ENDPOINT ... as well. */
void peer_serve(word_t tag);

/* What a peer does by its role. */
void peer_main(enum role role, word_t argument);

/* ---- the topics, one file each ---- */

void bench_ipc(void);

#endif
