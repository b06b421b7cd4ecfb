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

/* Checks a part [offset, offset + *length) of a Memory; *length 0: all from offset on. */
enum error memory_part(const struct capability *c, word_t offset, word_t *length);

/* Narrows a fresh derivation to a part that memory_part() accepted. */
void memory_narrow(struct capability *c, word_t offset, word_t length);

/* A mapping of `length` bytes of c from `offset` on at `address`. ERROR_BAD_ARGUMENT: not aligned or not user space;
   ERROR_NO_RIGHTS: more access than the capability has. */
enum error memory_mapping(const struct capability *c, word_t offset, uint64_t length, uintptr_t address, word_t access,
			  struct mapping *m);

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
void memory_mark_mapped(struct capability *c, struct space *space, const struct mapping *m);

/* Enters the mapping (one step's worth) with a pool record as its capability. */
void memory_enter(struct space *space, struct capability *record, const struct mapping *m);

#endif
