/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of deadlines and scheduling share: waiting for a moment, a word of random bits, a second try. */
#ifndef TIMING_H
#define TIMING_H

#include "test.h"

/* Makes and releases the Notification that the main thread waits with. */
void timing_open(struct builder *b);
void timing_close(struct builder *b);

/* Counter ticks of so many microseconds; at least one. */
uint64_t microseconds(uint64_t count);

/*
 * Blocks the main thread until `deadline` has passed: what was armed for earlier by threads of its priority has
 * expired then.
 */
void wait_until(uint64_t deadline);

/* The same for a moment that is past already: what is overdue expires. */
void wait_now(void);

/* The bits of a Notification, taken; 0 if there are none. */
word_t pending(handle_t notification);

/* Disarms; was it armed? */
bool disarm(handle_t notification);

/* The next number 0 .. below - 1 of a sequence that is the same in each run. */
uint32_t random_below(uint32_t below);

/* Waiters: threads that wait for a Notification once each time they are told to, and note in which order they came back. */
struct waiter {
	struct worker worker;
	handle_t from;
	struct message m;       /* what it received */
	word_t status;
	volatile bool done;     /* it came back */
	volatile word_t turn;   /* as the how manieth, 1, 2, ... since waiters_reset() */
};

/* `w` must stay where it is. */
void waiter_create(struct builder *b, word_t priority, struct waiter *w);
void waiter_destroy(struct builder *b, struct waiter *w);

/* Lets it, which must not wait now, wait for `notification`. */
void waiter_start(struct waiter *w, handle_t notification);

/* Did it come back with exactly these bits, or with this error? */
bool waiter_signalled(const struct waiter *w, word_t bits);
bool waiter_failed(const struct waiter *w, enum error error);

void waiters_reset(void);

/*
 * turn[0], turn[1], ... (0: did not come): did they come back in this order? A thread whose time slice ended before it could note its
 * turn came late; there may be as many of these as slices can have ended since `start`, mostly none.
 */
bool turns_ordered(const word_t *turn, unsigned count, uint64_t start);

/*
 * An order among threads of equal priority holds unless a time slice ends between what wakes them and what they
 * note. So such a case is tried a few times: true as soon as `run` returns true.
 */
bool one_of_several(bool (*run)(void));

#endif
