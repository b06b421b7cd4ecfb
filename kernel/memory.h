/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: runs of page frames. The capability is all there is: base, length, attribute, where it is mapped. */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include "kernel/pagetable.h"

enum { REPLACE_MAPPINGS_MAX = 64, REPLACE_PAGES_MAX = 4096 };

static inline uint64_t memory_size(const struct capability *c)
{
	return (uint64_t)c->pages << PAGE_SHIFT;
}

static inline bool page_aligned(word_t value)
{
	return !(value & (PAGE_SIZE - 1));
}

/* Checks a part [offset, offset + *length) of a Memory; *length 0: all from offset on. */
static inline enum error memory_part(const struct capability *c, word_t offset, word_t *length)
{
	uint64_t size = memory_size(c);

	if (!page_aligned(offset) || !page_aligned(*length) || offset >= size)
		return ERROR_BAD_ARGUMENT;
	if (!*length)
		*length = size - offset;
	return *length <= size - offset ? OK : ERROR_BAD_ARGUMENT;
}

/* Narrows a fresh derivation to a part that memory_part() accepted. */
static inline void memory_narrow(struct capability *c, word_t offset, word_t length)
{
	c->object += offset;
	c->pages = (uint32_t)(length >> PAGE_SHIFT);
}

/* A mapping of `length` bytes of c from `offset` on at `address`. ERROR_BAD_ARGUMENT: not aligned or not user space;
   ERROR_NO_RIGHTS: more access than the capability has. */
static inline enum error memory_mapping(const struct capability *c, word_t offset, uint64_t length, uintptr_t address, word_t access, struct mapping *m)
{
	uintptr_t top = pagetable_top();

	if (!access || access & ~(word_t)ACCESS_MASK || !page_aligned(address) || address >= top || length > top - address)
		return ERROR_BAD_ARGUMENT;
	if (access & (RIGHT_WRITE | RIGHT_EXECUTE))
		access |= RIGHT_READ; /* the same on every processor */
	if (access & ~(word_t)c->rights)
		return ERROR_NO_RIGHTS;
	*m = (struct mapping){
		.address = address,
		.physical = capability_base(c) + offset,
		.length = length,
		.access = (unsigned)access,
		.attribute = c->attribute,
	};
	return OK;
}

/* In map.address of a mapped Memory, beside its access: its removal has begun, so its mapping does not go on. */
enum { MAPPING_VANISHES = 8 };

/* Address and access of a mapped Memory. */
static inline uintptr_t mapped_address(const struct capability *c)
{
	return c->map.address & ~(uintptr_t)(PAGE_SIZE - 1);
}

/* May everything that is mapped in the range be replaced in one step? */
bool memory_replaceable(const struct space *space, uintptr_t address, uint64_t length);

/* Removes every mapping that overlaps the range, whole; memory_replaceable() said yes. */
void memory_replace(struct space *space, uintptr_t address, uint64_t length);

/* Marks c as mapped there. */
static inline void memory_mark_mapped(struct capability *c, struct space *space, const struct mapping *m)
{
	c->map.space = space;
	c->map.address = m->address | m->access;
}

/* Enters the mapping (one step's worth) with a pool record as its capability. */
void memory_enter(struct space *space, struct capability *record, const struct mapping *m);

#endif
