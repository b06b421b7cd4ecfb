/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool of a Space: the kernel memory that its owner gave it for page tables, handle-table growth
 * and mapping records. Two units: blocks (two pages) and records (one capability).
 *
 * The kernel has no other allocator. Callers ask pool_missing() first; after that taking cannot fail.
 */
#ifndef KERNEL_POOL_H
#define KERNEL_POOL_H

#include "kernel/capability.h"

enum {
	BLOCK_SIZE = 2 * PAGE_SIZE,
	BLOCK_RECORDS = BLOCK_SIZE / (int)sizeof(struct capability),
	FEED_HEADER_RECORDS = 2, /* units of a feed that hold its header */
};

/* At the start of the memory of an Untyped that was fed. */
struct feed {
	struct capability capability; /* of the Untyped itself; empty: given by the kernel at boot */
	struct feed *next;
	uint64_t size; /* bytes */
	uint64_t used; /* bytes from the start that were handed out */
};
_Static_assert(sizeof(struct feed) <= FEED_HEADER_RECORDS * sizeof(struct capability), "the header fits");

struct pool {
	void *free_blocks; /* linked through their first word */
	struct capability *free_records; /* linked through `next` */
	struct feed *first, *last, *open; /* in order of arrival; open: the first with blocks never used */
	uint64_t size;         /* bytes fed */
	uint32_t blocks, records; /* how many are free */
};

/* Adds memory (at least two blocks, BLOCK_SIZE aligned). Returns its header, whose capability is still empty. */
struct feed *pool_add(struct pool *pool, void *memory, uint64_t size);

/* Bytes that are missing for so many blocks and records; 0: they are there. */
uint64_t pool_missing(const struct pool *pool, unsigned blocks, unsigned records);

/* A zeroed block, a zeroed record. The caller has checked pool_missing(). */
void *pool_take_block(struct pool *pool);
struct capability *pool_take_record(struct pool *pool);

/* A record is given back empty: all zero. */
void pool_give_block(struct pool *pool, void *block);
void pool_give_record(struct pool *pool, struct capability *record);

/* Bytes that are free. */
uint64_t pool_free(const struct pool *pool);

#endif
