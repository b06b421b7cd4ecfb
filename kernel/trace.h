/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: events go into the ring of the core that sees them (include/abi/trace.h).
 *
 * A place that is traced costs one test of one word of struct core while its kind is off. A ring's Memory is held by a
 * derivation: if that is revoked, the ring is detached before anything else becomes of the Memory.
 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include <abi/trace.h>

#include "kernel/schedule.h"

static inline bool traced(enum trace_kind kind)
{
	return __builtin_expect(__atomic_load_n(&core_self()->traced, __ATOMIC_RELAXED) >> kind & 1, 0);
}

/* If TRACE_SWITCH is on: this core goes from the thread that is loaded to another one; NULL: it idles. */
void trace_switch(const struct thread *to);

/* What trace() calls. */
void trace_event(enum trace_kind kind, uint32_t code, const struct thread *t, const struct thread *other, uint64_t a, uint64_t b);

/* t, other: may be NULL. */
static inline void trace(enum trace_kind kind, uint32_t code, const struct thread *t, const struct thread *other, uint64_t a, uint64_t b)
{
	if (traced(kind))
		trace_event(kind, code, t, other, a, b);
}

/* The ring's hold on its Memory is taken away: nothing is written there any more. */
void trace_unbind(struct capability *binding);

/* The hold of that core's ring; empty: it has none. */
const struct capability *trace_binding(unsigned core);

#endif
