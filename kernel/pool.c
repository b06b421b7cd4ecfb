/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of a Space: exact accounting, every operation in constant time (zeroing 8 KiB is part of it). */
#include "kernel/pool.h"

#include <string.h>

static void add_records(struct pool *pool, void *memory, unsigned count)
{
	struct capability *record = memory;

	memset(memory, 0, count * sizeof(*record));
	for (unsigned i = 0; i < count; i++)
		pool_give_record(pool, &record[i]);
}

struct feed *pool_add(struct pool *pool, void *memory, uint64_t size)
{
	struct feed *feed = memory;

	ASSERT(size >= 2 * BLOCK_SIZE && !((uintptr_t)memory & (BLOCK_SIZE - 1)));
	*feed = (struct feed){.size = size, .used = BLOCK_SIZE};
	add_records(pool, (struct capability *)memory + FEED_HEADER_RECORDS, BLOCK_RECORDS - FEED_HEADER_RECORDS);
	if (pool->last)
		pool->last->next = feed;
	else
		pool->first = feed;
	pool->last = feed;
	if (!pool->open)
		pool->open = feed;
	pool->blocks += (uint32_t)(size / BLOCK_SIZE - 1);
	pool->size += size;
	return feed;
}

uint64_t pool_missing(const struct pool *pool, unsigned blocks, unsigned records)
{
	if (records > pool->records)
		blocks += (records - pool->records + BLOCK_RECORDS - 1) / BLOCK_RECORDS;
	return blocks > pool->blocks ? (uint64_t)(blocks - pool->blocks) * BLOCK_SIZE : 0;
}

static void *take_raw_block(struct pool *pool)
{
	void *block = pool->free_blocks;

	ASSERT(pool->blocks > 0);
	pool->blocks--;
	if (block) {
		pool->free_blocks = *(void **)block;
		return block;
	}
	block = (char *)pool->open + pool->open->used;
	pool->open->used += BLOCK_SIZE;
	if (pool->open->used >= pool->open->size)
		pool->open = pool->open->next;
	return block;
}

void *pool_take_block(struct pool *pool)
{
	return memset(take_raw_block(pool), 0, BLOCK_SIZE);
}

struct capability *pool_take_record(struct pool *pool)
{
	struct capability *record;

	if (!pool->free_records)
		add_records(pool, take_raw_block(pool), BLOCK_RECORDS);
	record = pool->free_records;
	pool->free_records = record->next;
	pool->records--;
	record->next = NULL;
	return record;
}

void pool_give_block(struct pool *pool, void *block)
{
	*(void **)block = pool->free_blocks;
	pool->free_blocks = block;
	pool->blocks++;
}

void pool_give_record(struct pool *pool, struct capability *record)
{
	record->next = pool->free_records;
	pool->free_records = record;
	pool->records++;
}

uint64_t pool_free(const struct pool *pool)
{
	return (uint64_t)pool->blocks * BLOCK_SIZE + (uint64_t)pool->records * sizeof(struct capability);
}
