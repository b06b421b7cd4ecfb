/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reply: one caller's right to one answer. It lies in exactly one place, a server thread's own record or a
 * handle slot, doubly linked with the caller: either end's death unlinks in constant time.
 * A Reply whose caller is gone stays where it is and is dropped silently when answered.
 */
#ifndef KERNEL_REPLY_H
#define KERNEL_REPLY_H

#include "kernel/thread.h"

/* The caller, or NULL if it is gone. */
static inline struct thread *reply_caller(const struct capability *reply)
{
	return capability_object(reply);
}

/* The caller now waits for the answer that `place` (empty) has the right to give. */
void reply_make(struct capability *place, struct thread *caller);

/* The Reply lies in `to` now. */
void reply_moved(struct capability *to);

/* Unlinks both ends and empties the place: before the answer, or when the place vanishes. Returns the caller, or NULL. */
struct thread *reply_take(struct capability *place);

/* The place vanishes without an answer: the caller's ipc ends with ERROR_GONE. */
void reply_drop(struct capability *place);

/* The caller waits no longer: the Reply, wherever it is, has no caller any more. */
void reply_orphan(struct thread *caller);

#endif
