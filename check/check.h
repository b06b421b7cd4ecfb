/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole-kernel invariant checker: a reader that takes nothing for granted. It needs no field of
 * its own in any object and changes nothing; it may take long. The simulated machine's tests call it after
 * every entry; a kernel built with -Dcheck=true on every way out (as long as one core runs).
 */
#ifndef CHECK_H
#define CHECK_H

#include "kernel/hal.h"

#ifndef COBNUT_CHECK
#define COBNUT_CHECK 0
#endif

/* Checks everything that can be reached from this core's threads, deadlines and Spaces, as it has to be when the kernel is left.
   Returns NULL, or the first thing that is wrong. */
const char *check_kernel(void);

/* Called when the kernel is left, by a build that checks: ends the machine if something is wrong. */
void check_exit(void);

/* If not NULL: called by check_kernel() for each physical range that an Untyped gave away and that holds no object any
   more (not while something is being torn down). */
extern void (*check_dead)(uint64_t start, uint64_t end);

#endif
