/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Space: a protection domain. Address space (page tables), capability table (handles), pool.
 */
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H

#include "kernel/capability.h"
#include "kernel/pool.h"

enum { TABLE_BLOCK_SLOTS = BLOCK_SIZE / (int)sizeof(struct capability) };

struct space {
	struct object object;
	uint32_t slots; /* size of the table; slot 0 is never used */
	unsigned asid;
	uint64_t asid_generation;
	uint64_t translation; /* what the HAL makes of root and ASID */
	uint64_t *root;
	struct pool pool;
	uint32_t dying_slot;       /* tear-down: slots below are empty */
	uintptr_t dying_address;   /* tear-down: nothing is mapped below */
	struct capability self;    /* holds the original capability while the Space is torn down */
	struct capability *directory[]; /* table blocks of TABLE_BLOCK_SLOTS slots, NULL where none was needed yet */
};

/* Bytes and alignment of a Space with so many slots (root table included). */
size_t space_size(word_t slots);
size_t space_alignment(void);

/* Makes a Space in zeroed memory of that size; returns the object. */
struct space *space_make(void *memory, word_t slots);

/* The capability behind a handle, or NULL if there is none. Without the lock only the latter means anything: there was none a moment ago. */
static inline struct capability *space_lookup(const struct space *space, handle_t handle)
{
	struct capability *block, *c;

	if (handle >= space->slots)
		return NULL;
	block = __atomic_load_n(&space->directory[handle / TABLE_BLOCK_SLOTS], __ATOMIC_RELAXED);
	c = block ? &block[handle % TABLE_BLOCK_SLOTS] : NULL;
	return c && __atomic_load_n(&c->object, __ATOMIC_RELAXED) ? c : NULL;
}

/* The same without the lock: what the handle means at this moment, and what capability_emptied was then. False: nothing. */
static inline bool space_view_at(const struct space *space, handle_t handle, struct capability_view *view, uint64_t *at)
{
	const struct capability *block;

	if (handle >= space->slots)
		return false;
	/* what is read of the block depends on its address: no processor here reads it before */
	block = __atomic_load_n(&space->directory[handle / TABLE_BLOCK_SLOTS], __ATOMIC_RELAXED);
	return block && capability_view_at(&block[handle % TABLE_BLOCK_SLOTS], view, at);
}

static inline bool space_view(const struct space *space, handle_t handle, struct capability_view *view)
{
	uint64_t at;

	return space_view_at(space, handle, view, &at);
}

/* Is this a slot that could be filled? OK, ERROR_BAD_ARGUMENT (no such slot), ERROR_BUSY (occupied); *blocks counts
   the pool blocks that filling it needs. */
enum error space_slot_free(const struct space *space, handle_t handle, unsigned *blocks);

/* The slot, its table block taken from the pool if there was none. space_slot_free() said OK and the pool has it. */
struct capability *space_slot(struct space *space, handle_t handle);

/* ASIDs are handed out in order; when they run out a new generation begins with empty TLBs. */
extern uint64_t asid_generation;
void space_activate_anew(struct space *space);

/* It has an ASID, or needs none. */
static inline bool space_is_known(const struct space *space)
{
	return __atomic_load_n(&space->asid_generation, __ATOMIC_ACQUIRE) == asid_generation;
}

/* User addresses translate through this Space from now on. */
static inline void space_activate(struct space *space)
{
	if (!space_is_known(space))
		space_activate_anew(space);
	else
		hal_space_switch(space->translation);
}

/* Removes cached translations of the range on all cores; `tables`: walk caches too. */
void space_flush(struct space *space, uintptr_t address, uint64_t length, bool tables);

/* One bounded step of tearing down; true: finished, the object is gone. */
bool space_teardown(struct space *space);

#endif
