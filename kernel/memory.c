/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: parts, mappings, and the messages of a Memory capability. */
#include "kernel/memory.h"
#include "kernel/invoke.h"
#include "kernel/revoke.h"
#include "kernel/schedule.h"

void memory_enter(struct space *space, struct capability *record, const struct mapping *m)
{
	record->flags |= CAPABILITY_RECORD;
	pagetable_map(space, m, record);
	memory_mark_mapped(record, space, m);
}

bool memory_replaceable(const struct space *space, uintptr_t address, uint64_t length)
{
	uintptr_t at = address, end = address + length;
	unsigned mappings = 0;
	uint64_t pages = 0;
	const struct capability *c;

	while ((c = pagetable_first(space, &at, end))) {
		pages += c->pages;
		if (++mappings > REPLACE_MAPPINGS_MAX || pages > REPLACE_PAGES_MAX)
			return false;
		at = mapped_address(c) + memory_size(c);
	}
	return true;
}

void memory_replace(struct space *space, uintptr_t address, uint64_t length)
{
	uintptr_t at = address, end = address + length;
	struct capability *c;

	while ((c = pagetable_first(space, &at, end)))
		while (!mapping_remove(c, at))
			;
}

/* ---- messages ---- */

static enum error operation_derive(struct invocation *call)
{
	struct capability *c = call->target, *slot;
	word_t offset = call->w[0], length = call->w[1];
	handle_t first;
	enum error error = call->w[2] > RIGHTS_ALL ? ERROR_BAD_ARGUMENT : memory_part(c, offset, &length);

	if (!error)
		error = capability_derivable(c);
	if (!error)
		error = invocation_window(call, 1, &first);
	if (error)
		return error;
	slot = space_slot(call->caller->space, first);
	capability_derive(slot, c, (uint8_t)call->w[2]);
	memory_narrow(slot, offset, length);
	call->w[0] = first;
	call->answer_words = 1;
	return OK;
}

/* How much of the Memory is in the page tables already: the mapped part is a prefix, and behind it may be others. */
static uint64_t mapped_prefix(const struct capability *c)
{
	uint64_t low = 0, high = c->pages;

	while (low < high) {
		uint64_t middle = (low + high) / 2;
		uintptr_t at = mapped_address(c) + (middle << PAGE_SHIFT);

		if (pagetable_first(c->map.space, &at, at + PAGE_SIZE) == c)
			low = middle + 1;
		else
			high = middle;
	}
	return low << PAGE_SHIFT;
}

/* What is mapped already is taken back, since the rest cannot be. */
static enum error undo_map(struct invocation *call, enum error error)
{
	struct capability *c = call->target;

	while (c->map.space && !mapping_remove(c, 0)) {
		if (schedule_preempt()) {
			call->caller->continuation = CONTINUE_UNDO;
			return ERROR_RETRY;
		}
	}
	return error;
}

/* Maps step by step what is not mapped yet; restarted, it goes on behind what is there. */
static enum error map_rest(struct invocation *call, struct space *space, struct mapping m)
{
	struct capability *c = call->target;
	uint64_t done = mapped_prefix(c), size = m.length;

	while (done < size) {
		struct mapping part = m;
		struct mapping_plan planned;

		part.address += done;
		part.physical += done;
		part.length -= done;
		if (pagetable_plan(space, &part, false, &planned))
			return undo_map(call, ERROR_BUSY);
		call->detail = pool_missing(&space->pool, planned.blocks, 0);
		if (call->detail)
			return undo_map(call, ERROR_NO_MEMORY);
		part.length = planned.length;
		pagetable_map(space, &part, c);
		done += planned.length;
		if (done < size && schedule_preempt())
			return ERROR_RETRY;
	}
	return OK;
}

static enum error operation_map(struct invocation *call)
{
	struct capability *c = call->target, *s;
	struct space *space;
	struct mapping m;
	uintptr_t at = call->w[1];
	bool undoing = call->caller->continuation == CONTINUE_UNDO, resumed = undoing || call->caller->continuation == CONTINUE_MAP;
	enum error error;

	error = invocation_capability(call, call->w[0], KIND_SPACE, RIGHT_MAP, &s);
	if (!error)
		error = memory_mapping(c, 0, memory_size(c), at, call->w[2], &m);
	if (error)
		return error;
	space = capability_object(s);
	if (space->object.dying)
		return ERROR_GONE;
	if (c->map.space) { /* only the same call, run again, may go on */
		if (undoing)
			m.access |= MAPPING_VANISHES;
		if (!resumed || c->map.space != space || c->map.address != (m.address | m.access))
			return ERROR_BUSY;
	} else if (pagetable_first(space, &at, at + m.length)) {
		return ERROR_BUSY;
	}
	if (c->flags & CAPABILITY_REVOKING)
		return undo_map(call, ERROR_GONE);
	if (undoing) {
		call->detail = BLOCK_SIZE; /* at least */
		error = undo_map(call, ERROR_NO_MEMORY);
		return error == ERROR_NO_MEMORY && pagetable_first(space, &at, at + m.length) ? ERROR_BUSY : error;
	}
	memory_mark_mapped(c, space, &m);
	error = map_rest(call, space, m);
	if (error == ERROR_RETRY && call->caller->continuation == CONTINUE_NONE)
		call->caller->continuation = CONTINUE_MAP;
	return error;
}

static enum error operation_unmap(struct invocation *call)
{
	if (!call->target->map.space)
		return ERROR_BAD_ARGUMENT;
	while (!mapping_remove(call->target, 0))
		if (schedule_preempt())
			return ERROR_RETRY;
	return OK;
}

/* One step of removing the children that overlap the range; they vanish with all that is derived from them. */
static bool revoke_range_step(struct capability *c, uint64_t start, uint64_t end)
{
	struct capability *child = range_cursor(c);

	if (!child)
		return true;
	if (capability_base(child) + memory_size(child) <= start || capability_base(child) >= end) {
		range_cursor_set(c, child->next);
	} else if (subtree_step(child, true)) {
		range_cursor_set(c, child);
		capability_remove(&child);
	} else {
		range_cursor_set(c, child);
	}
	return range_cursor(c) == NULL;
}

static enum error operation_revoke(struct invocation *call)
{
	struct capability *c = call->target;
	word_t length = call->w[1];
	uint64_t start = capability_base(c) + call->w[0];
	enum error error = memory_part(c, call->w[0], &length);

	if (error)
		return error;
	c->flags |= CAPABILITY_REVOKING;
	if (call->caller->continuation != CONTINUE_REVOKE)
		range_cursor_set(c, c->child);
	call->caller->continuation = CONTINUE_NONE;
	for (unsigned steps = 1; !revoke_range_step(c, start, start + length); steps++) {
		if (schedule_leaves() || (steps % PREEMPT_STEPS == 0 && schedule_preempt())) {
			call->caller->continuation = CONTINUE_REVOKE;
			return ERROR_RETRY;
		}
	}
	range_cursor_set(NULL, NULL);
	c->flags &= (uint8_t)~CAPABILITY_REVOKING;
	return OK;
}

static enum error operation_code(struct invocation *call)
{
	word_t length = call->w[1];
	enum error error = memory_part(call->target, call->w[0], &length);

	if (error)
		return error;
	if (call->target->flags & CAPABILITY_DEVICE)
		return ERROR_WRONG_KIND;
	hal_cache_code(hal_kernel_address(capability_base(call->target) + call->w[0]), length);
	return OK;
}

static enum error operation_physical(struct invocation *call)
{
	call->w[0] = capability_base(call->target);
	call->answer_words = 1;
	return OK;
}

static enum error operation_query(struct invocation *call)
{
	const struct capability *c = call->target;

	call->w[0] = memory_size(c);
	call->w[1] = c->rights;
	call->w[2] = c->attribute;
	call->w[3] = (c->flags & CAPABILITY_DEVICE) != 0;
	call->w[4] = c->map.space ? mapped_address(c) + 1 : 0;
	call->answer_words = 5;
	return OK;
}

const struct operation memory_operations[] = {
	{MEMORY_DERIVE, 0, operation_derive},
	{MEMORY_MAP, 0, operation_map},
	{MEMORY_UNMAP, 0, operation_unmap},
	{MEMORY_REVOKE, 0, operation_revoke},
	{MEMORY_CODE, 0, operation_code},
	{MEMORY_PHYSICAL, RIGHT_PHYSICAL, operation_physical},
	{MEMORY_QUERY, 0, operation_query},
	{0, 0, NULL},
};
