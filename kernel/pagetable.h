/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: one walker over all radix formats, driven by struct hal_pt.
 *
 * Every table but the root is the first page of a pool block; the second page, its companion, has one
 * word for each entry: for a leaf the capability that is its mapping record, for a table the number of
 * entries used in it. So an address leads to its record, a table that becomes empty goes back to the
 * pool at once, and a preempted unmap needs no cursor: what is done is gone.
 * Tables directly below the root are not counted and live as long as the Space.
 */
#ifndef KERNEL_PAGETABLE_H
#define KERNEL_PAGETABLE_H

#include "kernel/space.h"

enum { ACCESS_MASK = RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE, LEAVES_PER_STEP = 512 };

struct mapping {
	uintptr_t address;
	uint64_t physical;
	uint64_t length; /* bytes */
	unsigned access, attribute;
};

struct mapping_plan {
	uint64_t length; /* bytes that so many leaves cover */
	unsigned blocks; /* pool blocks that the tables need, at most */
	bool occupied;   /* something is mapped there, and is to be replaced */
};

void pagetable_init(void);

/* Tables, or a Space, may lie where others lay: nothing is remembered of those. */
void pagetable_forget(void);

/* Bytes that an entry of the level covers. */
static inline uint64_t pagetable_size(unsigned level)
{
	return (uint64_t)1 << (PAGE_SHIFT + level * HAL_TABLE_BITS);
}

/* What mapping the first LEAVES_PER_STEP leaves takes. ERROR_BUSY: something is mapped there and `replace` is not set. */
enum error pagetable_plan(const struct space *space, const struct mapping *m, bool replace, struct mapping_plan *plan);

/* Enters a mapping of one page if nothing is mapped there and no table is missing; else it changes nothing and says no. */
bool pagetable_map_page(const struct space *space, const struct mapping *m, struct capability *record);

/* Enters the leaves of m (at most LEAVES_PER_STEP); their record is `record`. The pool has the blocks, the range is free. */
void pagetable_map(struct space *space, const struct mapping *m, struct capability *record);

/* Removes up to LEAVES_PER_STEP leaves of the record, that at `last` after all others, and flushes. True: it has none any more.
   Leaves of others in its range stay: they came when it was half mapped or half removed. */
bool pagetable_unmap(const struct capability *record, uintptr_t last);

/* The record of the first mapping at or above *address and below end, and in *address the first mapped address found; NULL: none. */
struct capability *pagetable_first(const struct space *space, uintptr_t *address, uintptr_t end);

/* Access that user level has at an address; 0: not mapped. */
unsigned pagetable_access(const struct space *space, uintptr_t address);

/* First address that user level cannot map. */
uintptr_t pagetable_top(void);

#endif
