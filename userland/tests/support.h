/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of objects stand on: trying an access in a thread that may fault, and what is free and what is there. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "test.h"

/* ---- accesses ---- */

/* A worker that tries accesses; its faults come to `endpoint`. */
struct accessor {
	handle_t endpoint;
	struct worker worker;
	word_t label;         /* of the last fault: LABEL_PAGE_FAULT or LABEL_EXCEPTION; 0: there was none */
	struct message fault; /* its words */
};

/* The caller's priority is lower than 150. Errors: the kernel's. */
enum error accessor_create(struct builder *b, struct accessor *out);
void accessor_destroy(struct builder *b, struct accessor *a);

/*
 * Tries one access: RIGHT_READ loads a word into *value (NULL: nowhere), RIGHT_WRITE stores *value, RIGHT_EXECUTE calls
 * the place as a function of *value; its result goes to *value. True: it was done. False: it faulted, see a->fault.
 */
bool access_done(struct accessor *a, uintptr_t address, word_t access, word_t *value);

/* It was not done, and the page fault says just this address and access? */
bool access_faults(struct accessor *a, uintptr_t address, word_t access);

/* ---- what is free and what is there ---- */

/* Bytes free in an Untyped or in the pool of a Space; ~0 if it does not answer. */
word_t untyped_free(handle_t untyped);
word_t pool_free(handle_t space);

/* What lies in a slot of the own table (KIND_NONE: nothing; KIND_COUNT: the query failed). */
struct slot_state slot_of(handle_t slot);
static inline bool slot_empty(handle_t slot)
{
	return slot_of(slot).kind == KIND_NONE;
}

/* Sends `label` with the words w[0..words-1], no window open; *detail: w0 of what came back. */
enum error call_detail(handle_t object, word_t label, word_t words, const word_t *w, word_t *detail);

/* "text: name", in a buffer that the next call overwrites: names of cases in loops. */
const char *case_name(const char *text, const char *name);

#endif
