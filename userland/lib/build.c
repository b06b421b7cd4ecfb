/* SPDX-License-Identifier: BSD-2-Clause */
/* The builder: slots from a bitmap (first fit), addresses upwards, objects from one Untyped. */
#include "build.h"

void builder_init(struct builder *b, handle_t untyped, handle_t space, handle_t first, handle_t end, uintptr_t low,
		  uintptr_t high)
{
	*b = (struct builder){
		.untyped = untyped,
		.space = space,
		.first = first,
		.end = end,
		.address = low,
		.address_end = high,
	};
	if (end - first > BUILDER_SLOTS)
		b->end = first + BUILDER_SLOTS;
}

void builder_init_program(struct builder *b, const struct program_info *info)
{
	builder_init(b, PROGRAM_UNTYPED, PROGRAM_SPACE, info->handle_first_free, info->handle_slots,
		     (uintptr_t)info->free_address, (uintptr_t)info->free_end);
}

static bool slot_used(const struct builder *b, size_t index)
{
	return (b->used[index / 64] >> index % 64 & 1) != 0;
}

static void mark(struct builder *b, size_t index, size_t count, bool used)
{
	for (; count > 0; count--, index++) {
		uint64_t bit = (uint64_t)1 << index % 64;

		b->used[index / 64] = used ? b->used[index / 64] | bit : b->used[index / 64] & ~bit;
	}
}

handle_t builder_take_slots(struct builder *b, size_t count)
{
	size_t run = 0, slots = b->end - b->first;

	for (size_t i = 0; i < slots; i++) {
		run = slot_used(b, i) ? 0 : run + 1;
		if (run == count) {
			mark(b, i + 1 - count, count, true);
			return b->first + i + 1 - count;
		}
	}
	return HANDLE_NONE;
}

void builder_put_slots(struct builder *b, handle_t first, size_t count)
{
	mark(b, first - b->first, count, false);
}

uintptr_t builder_take_addresses(struct builder *b, size_t size, size_t alignment)
{
	uintptr_t address = (b->address + alignment - 1) & ~(uintptr_t)(alignment - 1);

	if (address > b->address_end || b->address_end - address < size)
		return 0;
	b->address = address + size;
	return address;
}

void builder_release(struct builder *b, handle_t handle)
{
	if (handle == HANDLE_NONE)
		return;
	(void)space_delete(b->space, handle);
	builder_put_slots(b, handle, 1);
}

/* Gives `slot` back if the call that should have filled it failed; else it becomes *out. */
static enum error finish(struct builder *b, enum error error, handle_t slot, handle_t *out)
{
	*out = error == OK ? slot : HANDLE_NONE;
	if (error != OK)
		builder_put_slots(b, slot, 1);
	return error;
}

enum error build_object(struct builder *b, enum kind kind, word_t parameter, handle_t *out)
{
	handle_t slot = builder_take_slots(b, 1);

	*out = HANDLE_NONE;
	if (slot == HANDLE_NONE)
		return ERROR_NO_MEMORY;
	return finish(b, untyped_create(b->untyped, kind, parameter, 1, MEMORY_NORMAL, slot), slot, out);
}

enum error build_derived(struct builder *b, handle_t handle, word_t rights, word_t badge, handle_t *out)
{
	handle_t slot = builder_take_slots(b, 1);
	enum error error;

	*out = HANDLE_NONE;
	if (slot == HANDLE_NONE)
		return ERROR_NO_MEMORY;
	error = badge != 0 ? space_derive_badged(b->space, handle, slot, rights, badge)
			   : space_derive(b->space, handle, slot, rights);
	return finish(b, error, slot, out);
}

/* `memory`, mapped at addresses of the builder's; the memory is released if that fails. */
static enum error map_new(struct builder *b, handle_t memory, size_t size, word_t access, void **address)
{
	uintptr_t before = b->address, at = builder_take_addresses(b, size, PAGE_SIZE);
	enum error error = at != 0 ? memory_map(memory, b->space, at, access) : ERROR_NO_MEMORY;

	if (error != OK) {
		b->address = before;
		builder_release(b, memory);
	}
	*address = error == OK ? (void *)at : NULL;
	return error;
}

enum error build_mapped(struct builder *b, size_t size, word_t access, handle_t *out, void **address)
{
	enum error error = build_object(b, KIND_MEMORY, size, out);

	*address = NULL;
	if (error == OK)
		error = map_new(b, *out, size, access, address);
	if (error != OK)
		*out = HANDLE_NONE;
	return error;
}

enum error build_map(handle_t space, handle_t memory, uintptr_t address, word_t access, word_t offset, word_t length)
{
	enum error error = OK;
	word_t done = 0, mapped = 0;

	while (error == OK && done < length) {
		error = space_map(space, memory, address + done, access, offset + done, length - done, &mapped);
		done += mapped;
	}
	return error;
}

enum error build_context(struct builder *b, word_t ceiling, handle_t *out)
{
	const struct context_state state = {
		.core = 0,
		.budget = CONTEXT_UNLIMITED,
		.period = CONTEXT_UNLIMITED,
		.ceiling = ceiling,
	};
	enum error error = build_object(b, KIND_CONTEXT, 0, out);

	if (error == OK)
		error = context_configure(*out, &state);
	if (error != OK) {
		builder_release(b, *out);
		*out = HANDLE_NONE;
	}
	return error;
}

/* An Untyped of `size` bytes is created and fed to the pool of `space`. */
static enum error feed(struct builder *b, handle_t space, size_t size)
{
	handle_t pool;
	enum error error = build_object(b, KIND_UNTYPED, size, &pool);

	if (error != OK)
		return error;
	error = space_feed(space, pool);
	if (error == OK)
		builder_put_slots(b, pool, 1);
	else
		builder_release(b, pool);
	return error;
}

enum error build_space(struct builder *b, word_t slots, size_t pool, handle_t *out)
{
	enum error error = build_object(b, KIND_SPACE, slots, out);

	if (error == OK && pool != 0)
		error = feed(b, *out, pool);
	if (error != OK) {
		builder_release(b, *out);
		*out = HANDLE_NONE;
	}
	return error;
}

enum error builder_enter(struct builder *b, size_t size, handle_t *outer)
{
	handle_t inner;
	enum error error = build_object(b, KIND_UNTYPED, size, &inner);

	*outer = b->untyped;
	if (error == OK)
		b->untyped = inner;
	return error;
}

enum error builder_leave(struct builder *b, handle_t outer)
{
	handle_t inner = b->untyped;
	enum error error = untyped_reset(inner);

	b->untyped = outer;
	builder_release(b, inner);
	return error;
}
