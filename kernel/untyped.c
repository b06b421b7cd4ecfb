/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped: see untyped.h. */
#include "kernel/untyped.h"
#include "kernel/bits.h"
#include "kernel/context.h"
#include "kernel/interrupt.h"
#include "kernel/invoke.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/pagetable.h"
#include "kernel/revoke.h"
#include "kernel/space.h"
#include "kernel/trace.h"

#include <string.h>

enum { OBJECT_ALIGNMENT = 64 };

void untyped_make(struct capability *c, struct capability *parent, uint64_t base, unsigned shift, bool device, bool dirty)
{
	capability_make(c, parent, base | KIND_UNTYPED, 0);
	c->attribute = (uint8_t)shift;
	if (device)
		c->flags |= CAPABILITY_DEVICE;
	c->untyped.dirty = dirty && !device ? (uint32_t)(((uint64_t)1 << shift) >> untyped_unit(c)) : 0;
}

static uint64_t mark(const struct capability *c, uint32_t units)
{
	return capability_base(c) + ((uint64_t)units << untyped_unit(c));
}

/* The mark at or above an address. */
static uint32_t units(const struct capability *c, uint64_t address)
{
	uint64_t unit = (uint64_t)1 << untyped_unit(c);

	return (uint32_t)((address - capability_base(c) + unit - 1) >> untyped_unit(c));
}

uint64_t untyped_fit(const struct capability *c, uint64_t size, uint64_t alignment, uint64_t *missing)
{
	uint64_t start = (mark(c, c->untyped.used) + alignment - 1) & ~(alignment - 1);
	uint64_t end = capability_base(c) + untyped_size(c), need = start + size;

	*missing = need > end ? need - end : 0;
	return start;
}

bool untyped_clear_step(struct capability *c, uint64_t start, uint64_t end)
{
	uint64_t from = mark(c, c->untyped.clean), dirty = mark(c, c->untyped.dirty), to;

	if (c->flags & CAPABILITY_DEVICE)
		return true;
	if (from < start)
		from = start;
	if (end > dirty)
		end = dirty;
	if (from >= end)
		return true;
	to = end - from > PAGE_SIZE ? from + PAGE_SIZE : end;
	memset(hal_kernel_address(from), 0, to - from);
	c->untyped.clean = units(c, to);
	return to == end;
}

void untyped_take(struct capability *c, uint64_t end)
{
	c->untyped.used = units(c, end);
	if (c->untyped.clean < c->untyped.used)
		c->untyped.clean = c->untyped.used;
}

/* ---- kinds ---- */

bool object_size(enum kind kind, word_t parameter, uint64_t *size, uint64_t *alignment)
{
	*alignment = OBJECT_ALIGNMENT;
	switch (kind) {
	case KIND_UNTYPED:
		*size = *alignment = parameter;
		return parameter >= 1u << UNTYPED_MIN_SHIFT && !(parameter & (parameter - 1));
	case KIND_MEMORY:
		*size = parameter;
		*alignment = PAGE_SIZE;
		for (unsigned level = 1; level < hal_pt()->levels; level++)
			if (hal_pt()->leaf_levels >> level & 1 && parameter >= pagetable_size(level))
				*alignment = pagetable_size(level);
		return parameter && !(parameter & (PAGE_SIZE - 1)) && parameter >> PAGE_SHIFT <= UINT32_MAX;
	case KIND_SPACE:
		*size = space_size(parameter);
		*alignment = space_alignment();
		return parameter >= SPACE_HANDLES_MIN && parameter <= SPACE_HANDLES_MAX;
	case KIND_THREAD:
		*size = (sizeof(struct thread) + 63) & ~(size_t)63;
		return parameter == 0;
	case KIND_ENDPOINT:
		*size = (sizeof(struct endpoint) + 63) & ~(size_t)63;
		return parameter < cores_running();
	case KIND_NOTIFICATION:
		*size = (sizeof(struct notification) + 63) & ~(size_t)63;
		return parameter < cores_running();
	case KIND_INTERRUPT: /* for SYSTEM_INTERRUPT: an Untyped alone cannot make one */
		*size = (sizeof(struct interrupt) + 63) & ~(size_t)63;
		return parameter == 0;
	case KIND_CONTEXT:
		*size = (sizeof(struct context) + 63) & ~(size_t)63;
		return parameter == 0;
	default:
		return false;
	}
}

/* Makes the object in its zeroed memory and returns what its capabilities point to. */
static void *make_object(enum kind kind, void *memory, word_t parameter)
{
	switch (kind) {
	case KIND_SPACE:
		return space_make(memory, parameter);
	case KIND_THREAD:
		return thread_make(memory);
	case KIND_CONTEXT:
		context_make(memory);
		return memory;
	case KIND_NOTIFICATION:
		notification_make(memory, (unsigned)parameter);
		return memory;
	default:
		endpoint_make(memory, (unsigned)parameter);
		return memory;
	}
}

void object_create(struct capability *slot, struct capability *untyped, enum kind kind, uint64_t address, word_t parameter)
{
	void *object = make_object(kind, hal_kernel_address(address), parameter);

	capability_make(slot, untyped, object_word(object, kind), RIGHTS_ALL);
	if (kind_has_header(kind))
		((struct object *)object)->original = slot;
}

static void create_memory(struct capability *slot, struct capability *untyped, uint64_t address, word_t parameter, uint8_t attribute)
{
	capability_make(slot, untyped, address | KIND_MEMORY, RIGHTS_ALL);
	slot->pages = (uint32_t)(parameter >> PAGE_SHIFT);
	slot->attribute = attribute;
	slot->flags |= untyped->flags & CAPABILITY_DEVICE;
}

/* A part of an Untyped inherits what it knows about zeros: nothing was cleared for it. */
static void create_untyped(struct capability *slot, struct capability *untyped, uint64_t address, uint64_t size)
{
	uint64_t clean = mark(untyped, untyped->untyped.clean), dirty = mark(untyped, untyped->untyped.dirty);
	uint64_t end = address + size;

	untyped_make(slot, untyped, address, lowest_bit(size), untyped->flags & CAPABILITY_DEVICE, false);
	if (clean < address)
		clean = address;
	if (dirty > end)
		dirty = end;
	if (clean < dirty) {
		slot->untyped.clean = units(slot, clean);
		slot->untyped.dirty = units(slot, dirty);
	}
}

/* ---- messages ---- */

struct creation {
	enum kind kind;
	word_t parameter, count;
	uint8_t attribute;
	uint64_t start, size, stride; /* physical */
	handle_t first;
};

/* Everything that a create needs to be right before it changes anything. */
static enum error check_creation(struct invocation *call, struct creation *n)
{
	struct capability *c = call->target;
	bool device = c->flags & CAPABILITY_DEVICE;
	uint64_t alignment, missing;

	n->kind = (enum kind)call->w[0];
	n->parameter = call->w[1];
	n->count = call->w[2];
	n->attribute = (uint8_t)call->w[3];
	if (call->w[0] >= KIND_COUNT || n->kind == KIND_INTERRUPT || !object_size(n->kind, n->parameter, &n->size, &alignment) || !n->count ||
	    n->count > CREATE_COUNT_MAX || call->w[3] > MEMORY_DEVICE)
		return ERROR_BAD_ARGUMENT;
	if (n->attribute && (n->kind != KIND_MEMORY || !device))
		return ERROR_BAD_ARGUMENT;
	if (device && n->kind == KIND_MEMORY && n->attribute == MEMORY_NORMAL)
		return ERROR_BAD_ARGUMENT;
	if (device && ((n->kind != KIND_MEMORY && n->kind != KIND_UNTYPED) || n->size < PAGE_SIZE))
		return ERROR_BAD_ARGUMENT;
	if (n->size > untyped_size(c) && n->kind == KIND_UNTYPED)
		alignment = 1; /* too small anyway: say by how much */
	n->stride = (n->size + alignment - 1) & ~(alignment - 1);
	if (n->stride < n->size || n->stride > (UINT64_MAX >> 8))
		return ERROR_BAD_ARGUMENT;
	n->start = untyped_fit(c, n->stride * (n->count - 1) + n->size, alignment, &missing);
	call->detail = missing;
	return missing ? ERROR_NO_MEMORY : invocation_window(call, (unsigned)n->count, &n->first);
}

static void create_all(struct invocation *call, const struct creation *n)
{
	for (word_t i = 0; i < n->count; i++) {
		struct capability *slot = space_slot(call->caller->space, n->first + i);
		uint64_t address = n->start + i * n->stride;

		if (n->kind == KIND_MEMORY)
			create_memory(slot, call->target, address, n->parameter, n->attribute);
		else if (n->kind == KIND_UNTYPED)
			create_untyped(slot, call->target, address, n->size);
		else
			object_create(slot, call->target, n->kind, address, n->parameter);
	}
}

static enum error operation_create(struct invocation *call)
{
	struct capability *c = call->target;
	struct creation n;
	uint64_t end;
	enum error error = check_creation(call, &n);

	if (error)
		return error;
	if (c->depth + 1 >= CAPABILITY_DEPTH_MAX)
		return ERROR_BAD_ARGUMENT;
	error = capability_unmarked(c);
	if (error)
		return error;
	end = n.start + n.stride * (n.count - 1) + n.size;
	c->untyped.used = units(c, n.start); /* what is passed over is not cleared: nobody may get it in between */
	if (n.kind != KIND_UNTYPED)
		for (unsigned steps = 1; !untyped_clear_step(c, n.start, end); steps++)
			if (steps % PREEMPT_STEPS == 0 && schedule_preempt())
				return ERROR_RETRY;
	create_all(call, &n);
	trace(TRACE_CREATE, n.kind, call->caller, NULL, n.count, n.size);
	untyped_take(c, end);
	call->w[0] = n.first;
	call->w[1] = n.count;
	call->answer_words = 2;
	return OK;
}

static enum error operation_reset(struct invocation *call)
{
	struct capability *c = call->target;
	enum error error = capability_delete(call->caller, NULL);

	call->caller->continuation = CONTINUE_NONE; /* restarted, there is more to do than the tear-down list */
	if (error)
		return error;
	if (c->child)
		return ERROR_BUSY;
	cores_sync(&(struct sync){0}); /* nobody holds a reference to what was here any more */
	if (c->untyped.dirty < c->untyped.used)
		c->untyped.dirty = c->untyped.used;
	c->untyped.clean = c->untyped.used = 0;
	return OK;
}

static enum error operation_query(struct invocation *call)
{
	const struct capability *c = call->target;

	call->w[0] = untyped_size(c);
	call->w[1] = untyped_size(c) - ((uint64_t)c->untyped.used << untyped_unit(c));
	call->w[2] = (c->flags & CAPABILITY_DEVICE) != 0;
	call->answer_words = 3;
	return OK;
}

const struct operation untyped_operations[] = {
	{UNTYPED_CREATE, 0, operation_create},
	{UNTYPED_RESET, 0, operation_reset},
	{UNTYPED_QUERY, 0, operation_query},
	{0, 0, NULL},
};
