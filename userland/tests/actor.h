/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Actors: threads that make one `ipc` at a time, for tests of what two parties do to one another.
 *
 * The test says which call an actor is to make; the actor makes it, notes what came of it, and stops. With a
 * priority above the test's, or the same (the test may have inherited it from a caller), it is blocked in that call, or
 * done, when actor_start() returns. What it holds, a pending Reply or a lent context, it keeps from one call to the next.
 */
#ifndef ACTOR_H
#define ACTOR_H

#include "test.h"

enum { TEST_PRIORITY = 100, ACTOR_PRIORITY = 110 };

/* What an actor is to do and what it found. It lies beside its message buffer, so it is seen in both Spaces. */
struct actor_script {
	handle_t to, from;
	struct message m; /* what it sends; then what it received */
	word_t status;
	word_t done; /* the call came back */
};

struct actor {
	struct worker worker;
	volatile struct actor_script *script;
};

/* An actor, stopped. Errors: those of worker_create(). */
enum error actor_create(struct builder *b, word_t priority, struct actor *out);

/* Ends it wherever it is. */
void actor_destroy(struct builder *b, struct actor *a);

/* Takes its message buffer away, for good. It must be stopped. */
enum error actor_unbuffer(const struct actor *a);

/*
 * Lets the actor, which must be stopped, call ipc(to, from) with this tag and the words w0, w0 + 1, ... w0 + 5. What it
 * needs in its buffer must be there already.
 */
void actor_start(const struct actor *a, handle_t to, handle_t from, word_t tag, word_t w0);

/* The same with any message. */
void actor_ipc(const struct actor *a, handle_t to, handle_t from, const struct message *m);

/* The usual ones: label 1, six words. */
static inline void actor_send(const struct actor *a, handle_t to, word_t w0)
{
	actor_start(a, to, HANDLE_NONE, tag_make(1, MESSAGE_REGISTERS, 0), w0);
}

static inline void actor_call(const struct actor *a, handle_t to, word_t w0)
{
	actor_start(a, to, HANDLE_NONE, tag_make(1, MESSAGE_REGISTERS, 0) | TAG_CALL, w0);
}

static inline void actor_receive(const struct actor *a, handle_t from)
{
	actor_start(a, HANDLE_NONE, from, 0, 0);
}

static inline void actor_answer(const struct actor *a, word_t w0)
{
	actor_start(a, HANDLE_REPLY, HANDLE_NONE, tag_make(0, MESSAGE_REGISTERS, 0), w0);
}

/* It saves its pending Reply to `slot` of its table. */
static inline void actor_save(const struct actor *a, handle_t slot)
{
	actor_start(a, a->worker.thread, HANDLE_NONE, tag_make(THREAD_SAVE_REPLY, 1, 0), slot);
}

/* Lets the actor, if it is ready, run until it is blocked or has stopped. One of lower priority, or without a context to
   run on, stays ready. The functions of this file do this themselves. */
void actor_settle(const struct actor *a);

/* Error of its call, or ERROR_COUNT: it has not come back yet. */
enum error actor_error(const struct actor *a);

/* Did its call end with this error, in this phase, at this item, with nothing but `detail` in the registers? */
bool actor_failed(const struct actor *a, enum error error, enum phase phase, word_t item, word_t detail);

/* Did it receive these six words, w0 .. w0 + 5, with this tag and badge? */
bool actor_got(const struct actor *a, word_t tag, word_t badge, word_t w0);

/* Did it receive a signal with exactly these bits? */
bool actor_signalled(const struct actor *a, word_t bits);

/* State and effective priority of its thread. */
enum thread_state actor_state(const struct actor *a);
word_t actor_effective(const struct actor *a);

/* Lets all threads run until they block, those of lower priority (2 and more) too. */
void test_settle(void);

/* ipc(). Behind an error and with a Notification's bits no words come, and the caller may find those that it sent: then they are made zero,
   for the questions below. */
word_t message_ipc(handle_t to, handle_t from, struct message *m);

/* The same questions about a message that the test itself received. */
bool message_got(const struct message *m, word_t tag, word_t badge, word_t w0);
bool message_signalled(const struct message *m, word_t bits);
bool message_failed(const struct message *m, word_t status, enum error error, enum phase phase, word_t item, word_t detail);

/* A message with the words w0, w0 + 1 and so on in registers. */
struct message message_make(word_t tag, word_t w0);

/* ---- a second Space ---- */

enum { DOMAIN_SEGMENTS = 4, DOMAIN_SLOTS = 4096, DOMAIN_POOL = 256 * 1024 };

/* A Space in which the program's code can run too, on copies of its data. */
struct domain {
	handle_t space;
	handle_t image[DOMAIN_SEGMENTS];
};

enum error domain_create(struct builder *b, size_t pool, struct domain *out);
void domain_destroy(struct builder *b, struct domain *d);

/* From now on the actor (stopped) acts in that Space; its handles are those of that Space's table. */
enum error actor_move(const struct domain *d, const struct actor *a);

#endif
