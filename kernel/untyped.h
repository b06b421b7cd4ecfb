/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Untyped: raw physical memory with a watermark. It is moved, never derived; what is created from it is
 * its child in the derivation tree, so revoking it destroys all of that.
 *
 * It knows the interval [clean, dirty) that may hold something else than zeros. Creating clears what it
 * takes, one page at a time, and moves `clean` along, so a preempted create goes on where it was.
 */
#ifndef KERNEL_UNTYPED_H
#define KERNEL_UNTYPED_H

#include "kernel/capability.h"

static inline uint64_t untyped_size(const struct capability *c)
{
	return (uint64_t)1 << c->attribute;
}

enum { UNTYPED_MIN_SHIFT = 6, UNTYPED_RAM_MAX_SHIFT = 37, MARK_BITS = 31 };

/* The unit of the marks, as a shift. Device Untypeds hold whole pages; the largest ones count in larger units, so that a
   small Memory created directly in one takes a whole unit. */
static inline unsigned untyped_unit(const struct capability *c)
{
	if (!(c->flags & CAPABILITY_DEVICE))
		return UNTYPED_MIN_SHIFT;
	return c->attribute > PAGE_SHIFT + MARK_BITS ? c->attribute - MARK_BITS : PAGE_SHIFT;
}

/* Fills an empty capability with an Untyped of 2^shift bytes; `dirty`: its memory may hold anything. */
void untyped_make(struct capability *c, struct capability *parent, uint64_t base, unsigned shift, bool device, bool dirty);

/* Physical address of `size` bytes, so aligned, behind the watermark; *missing: bytes by which it is too small, or 0.
   Nothing is taken yet. */
uint64_t untyped_fit(const struct capability *c, uint64_t size, uint64_t alignment, uint64_t *missing);

/* Clears one page of what lies below `end` and may not be zero. True: nothing is left to clear there. */
bool untyped_clear_step(struct capability *c, uint64_t start, uint64_t end);

/* Moves the watermark to `end` (physical). */
void untyped_take(struct capability *c, uint64_t end);


/* Makes an object of a kind that has a body (not Memory, not Untyped) in zeroed memory; its original capability goes to the slot. */
void object_create(struct capability *slot, struct capability *untyped, enum kind kind, uint64_t address, word_t parameter);

#endif
