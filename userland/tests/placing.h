/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of several cores share. With one core, everything is on that one. */
#ifndef PLACING_H
#define PLACING_H

#include "test.h"

/* Cores that run. */
unsigned cores_count(void);

/* Core n of those that there are: n modulo their number. */
word_t core_of(unsigned n);

/* Has the context run on that core from now on. BUSY: it is lent, or on its way. */
enum error place_context(handle_t context, unsigned n);

/* The same for a worker; it must succeed. */
void place(const struct worker *w, unsigned n);

/* Waits until *place is not `before` any more. False: it does not change in a time in which everything else does. */
bool changes(const volatile word_t *place, word_t before);

/* Waits until the thread is in that state, in the same way. */
bool comes_into(handle_t thread, enum thread_state state);

#endif
