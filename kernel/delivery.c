/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of words and items. Each item is planned (check), the plans' memory is summed up (reserve),
 * then everything is stored (commit). Items and windows are read once, into locals.
 */
#include "kernel/delivery.h"
#include "kernel/memory.h"
#include "kernel/reply.h"
#include "kernel/revoke.h"
#include "kernel/trace.h"

#include <string.h>

enum target { TARGET_NOTHING, TARGET_SLOT, TARGET_MAP };

/* The receiver's windows, as they were when the delivery began. */
struct windows {
	struct space *table;
	handle_t handle_first, handle_count, handles_used;
	struct space *map;
	uintptr_t map_address;
	uint64_t map_length;
	word_t map_flags;
	unsigned map_blocks, map_records, table_blocks; /* what the plans take from the two pools */
};

struct plan {
	struct item item;
	struct capability *source;
	enum target target;
	handle_t slot;
	struct mapping mapping;
	bool replaces;   /* something that is mapped there */
	uint64_t length; /* Memory: bytes of the part */
};

/* User level may change its buffer at any moment: each word is read once. */
static inline struct item item_of(const struct thread *from, word_t number)
{
	const volatile struct item *item = &from->buffer->item[number];

	return (struct item){item->handle, item->control, item->offset, item->length, item->base};
}

/* ---- check ---- */

/* The capability behind an item, and whether it may be given in this way. */
static enum error check_source(const struct thread *from, struct plan *p)
{
	const struct item *item = &p->item;
	struct capability *c = space_lookup(from->space, item->handle);
	enum kind kind;

	if (!c)
		return ERROR_BAD_HANDLE;
	p->source = c;
	kind = capability_kind(c);
	if (item->control & ~(word_t)(ITEM_RIGHTS_MASK | ITEM_MOVE | ITEM_MAP | ITEM_BADGE))
		return ERROR_BAD_ARGUMENT;
	if (item->control & ITEM_BADGE) {
		if (kind != KIND_ENDPOINT && kind != KIND_NOTIFICATION)
			return ERROR_WRONG_KIND;
		if (c->flags & CAPABILITY_BADGED || !item->base || item->base > UINT32_MAX || item->control & ITEM_MOVE)
			return ERROR_BAD_ARGUMENT;
	}
	if (item->control & ITEM_MAP && kind != KIND_MEMORY)
		return ERROR_WRONG_KIND;
	return item->control & ITEM_MOVE ? capability_movable(c) : capability_derivable(c);
}

/* The part of a Memory that is given; a move gives all. */
static enum error check_part(struct plan *p)
{
	word_t length = p->item.length;
	enum error error;

	if (capability_kind(p->source) != KIND_MEMORY)
		return OK;
	error = memory_part(p->source, p->item.offset, &length);
	if (error)
		return error;
	if (p->item.control & ITEM_MOVE && length != memory_size(p->source))
		return ERROR_BAD_ARGUMENT;
	p->length = length;
	return OK;
}

static enum error check_slot(struct windows *w, struct plan *p)
{
	unsigned blocks = 0;

	if (w->handles_used >= w->handle_count)
		return ERROR_WINDOW;
	p->slot = w->handle_first + w->handles_used;
	if (space_slot_free(w->table, p->slot, &blocks))
		return ERROR_WINDOW;
	if (p->item.control & ITEM_MOVE && capability_kind(p->source) != KIND_UNTYPED && p->source->child && p->source->rights & ~p->item.control)
		return ERROR_BUSY; /* what is derived from it would have more rights */
	w->handles_used++;
	w->table_blocks += blocks;
	p->target = TARGET_SLOT;
	return OK;
}

/* The mapping that the window allows: clipped to the window and to what one delivery may enter. */
static enum error check_map(struct windows *w, struct plan *p)
{
	struct capability *c = p->source;
	unsigned access = (unsigned)p->item.control & c->rights & ACCESS_MASK;
	struct mapping_plan planned;
	enum error error;

	if (!w->map || p->item.base >= w->map_length || (access & w->map_flags) != (w->map_flags & ACCESS_MASK))
		return ERROR_WINDOW;
	if (c->flags & CAPABILITY_DEVICE && !(w->map_flags & WINDOW_DEVICE))
		return ERROR_WINDOW;
	if (p->length > w->map_length - p->item.base)
		p->length = w->map_length - p->item.base;
	error = memory_mapping(c, p->item.offset, p->length, w->map_address + p->item.base, access, &p->mapping);
	if (!error)
		error = pagetable_plan(w->map, &p->mapping, w->map_flags & WINDOW_REPLACE, &planned);
	if (error)
		return error == ERROR_BUSY ? ERROR_BUSY : ERROR_WINDOW;
	if (planned.occupied && !memory_replaceable(w->map, p->mapping.address, planned.length))
		return ERROR_BUSY;
	if (p->item.control & ITEM_MOVE && planned.length != memory_size(c))
		return ERROR_WINDOW;
	if (p->item.control & ITEM_MOVE && c->child)
		return ERROR_BUSY; /* a mapping is removed in one step: nothing may hang from it */
	p->mapping.length = p->length = planned.length;
	w->map_blocks += planned.blocks;
	w->map_records++;
	p->replaces = planned.occupied;
	p->target = TARGET_MAP;
	return OK;
}

static enum error check_item(const struct delivery *d, struct windows *w, struct plan *p)
{
	enum error error = check_source(d->from, p);

	if (!error)
		error = check_part(p);
	if (error)
		return error;
	if (capability_kind(p->source) == KIND_REPLY && reply_caller(p->source) == d->to)
		return ERROR_BAD_ARGUMENT; /* an answer uses up its Reply: it cannot hand it on too */
	if (d->through && p->source->object == object_word(d->through, KIND_ENDPOINT) && p->source->flags & CAPABILITY_BADGED) {
		p->target = TARGET_NOTHING;
		return OK;
	}
	return p->item.control & ITEM_MAP ? check_map(w, p) : check_slot(w, p);
}

/* A capability that is moved away can be given only once; two mappings must not meet. */
static bool contradicts(const struct plan *a, const struct plan *b)
{
	if (a->source == b->source && (a->item.control | b->item.control) & ITEM_MOVE)
		return true;
	return a->target == TARGET_MAP && b->target == TARGET_MAP &&
	       a->mapping.address < b->mapping.address + b->mapping.length &&
	       b->mapping.address < a->mapping.address + a->mapping.length;
}

/* ---- reserve ---- */

static enum error reserve(struct delivery *d, const struct windows *w)
{
	bool both = w->map && w->map != w->table;

	d->detail = pool_missing(&w->table->pool, w->table_blocks + (both ? 0 : w->map_blocks), both ? 0 : w->map_records);
	if (!d->detail && both)
		d->detail = pool_missing(&w->map->pool, w->map_blocks, w->map_records);
	return d->detail ? ERROR_NO_MEMORY : OK;
}

/* Plans all items. On an error d->item names the one at fault. */
static enum error plan_items(struct delivery *d, struct windows *w, struct plan plans[MESSAGE_ITEMS])
{
	for (d->item = 0; d->item < tag_items(d->tag); d->item++) {
		struct plan *p = &plans[d->item];
		enum error error;

		p->item = item_of(d->from, d->item);
		error = check_item(d, w, p);
		if (error)
			return error;
		for (word_t i = 0; i < d->item; i++)
			if (contradicts(p, &plans[i]))
				return ERROR_BAD_ARGUMENT;
	}
	d->item = 0;
	return reserve(d, w);
}

/* ---- commit ---- */

/* Fills an empty capability with what the plan gives. */
static void give(const struct plan *p, struct capability *to)
{
	if (p->item.control & ITEM_MOVE) {
		p->source->rights &= (uint8_t)p->item.control;
		capability_move(to, p->source);
		return;
	}
	capability_derive_badged(to, p->source, (uint8_t)p->item.control,
				 p->item.control & ITEM_BADGE ? (uint32_t)p->item.base : 0);
	if (capability_kind(to) == KIND_MEMORY)
		memory_narrow(to, p->item.offset, p->length);
}

/* Where what a plan gives is put; NULL: it gives nothing. */
static struct capability *place(const struct windows *w, const struct plan *p)
{
	if (p->target == TARGET_SLOT)
		return space_slot(w->table, p->slot);
	if (p->target == TARGET_NOTHING)
		return NULL;
	if (p->replaces)
		memory_replace(w->map, p->mapping.address, p->length);
	return pool_take_record(&w->map->pool);
}

/* What the receiver is told of it. */
static struct received result(const struct plan *p, const struct capability *given)
{
	bool mapped = p->target == TARGET_MAP;

	if (!given)
		return (struct received){.length = p->source->badge};
	return (struct received){
		.kind = capability_kind(given),
		.where = mapped ? p->mapping.address : p->slot,
		.length = capability_kind(given) == KIND_MEMORY ? p->length : given->badge,
		.rights = mapped ? p->mapping.access : given->rights,
	};
}

static void commit_items(const struct delivery *d, const struct windows *w, const struct plan plans[MESSAGE_ITEMS])
{
	bool told = d->to->state != THREAD_FAULTED;

	for (word_t i = 0; i < tag_items(d->tag); i++) {
		const struct plan *p = &plans[i];
		struct capability *to = place(w, p);

		if (to)
			give(p, to);
		if (p->target == TARGET_MAP)
			memory_enter(w->map, to, &p->mapping);
		if (told)
			d->to->buffer->received[i] = result(p, to);
	}
}

static enum error deliver_items(struct delivery *d, struct windows *w)
{
	struct plan plans[MESSAGE_ITEMS];
	enum error error = d->from->buffer ? plan_items(d, w, plans) : ERROR_BAD_ARGUMENT;

	if (!error)
		commit_items(d, w, plans);
	return error;
}

/* ---- windows ---- */

static void load_windows(const struct thread *to, struct windows *w)
{
	const volatile struct buffer *b = to->buffer;
	word_t map_space = b->map_space;
	struct capability *c;

	*w = (struct windows){
		.table = to->space,
		.handle_first = b->handle_first,
		.handle_count = b->handle_count,
		.map_address = b->map_address,
		.map_length = b->map_length,
		.map_flags = b->map_flags,
	};
	if (w->map_length > UINTPTR_MAX - w->map_address)
		w->map_length = UINTPTR_MAX - w->map_address; /* it ends where addresses end */
	w->map_length &= ~(uint64_t)(PAGE_SIZE - 1);
	if (!w->map_length)
		return;
	c = space_lookup(to->space, map_space);
	if (map_space == HANDLE_NONE)
		w->map = to->space;
	else if (c && capability_kind(c) == KIND_SPACE && c->rights & RIGHT_MAP)
		w->map = capability_object(c);
	if (w->map && w->map->object.dying)
		w->map = NULL;
}

/* The window that a page fault's answer has. */
#define FAULT_WINDOW ((uintptr_t)1 << FAULT_WINDOW_SHIFT)

static inline uintptr_t fault_window(const struct thread *t)
{
	return t->fault.word[0] & -FAULT_WINDOW;
}

enum error deliver_message(struct delivery *d, const word_t w[MESSAGE_REGISTERS])
{
	struct windows windows;
	struct buffer *to = d->to->buffer;
	word_t words = tag_words(d->tag);
	word_t tag = tag_make(tag_label(d->tag), words, tag_items(d->tag)) | (d->tag & TAG_CALL);

	if ((words > MESSAGE_REGISTERS || tag_items(d->tag)) && !to)
		return ERROR_WINDOW;
	if (tag_items(d->tag)) {
		enum error error;

		lock_take();
		load_windows(d->to, &windows);
		error = deliver_items(d, &windows);
		if (error)
			return error;
	}
	if (words > MESSAGE_REGISTERS)
		message_copy(to, d->from->buffer, words);
	hal_message_store(&d->to->frame, status_make(OK, PHASE_RECEIVE, 0), d->badge, tag, w);
	trace(TRACE_MESSAGE, (uint32_t)tag, d->from, d->to, d->badge, !d->through);
	return OK;
}

bool deliver_page(const struct thread *from, const struct thread *to)
{
	const struct item item = item_of(from, 0);
	struct capability *c = space_lookup(from->space, item.handle), *record = to->space->pool.free_records;
	word_t length = item.length;
	struct mapping m;

	if (!c || !record || length != PAGE_SIZE || item.base >= FAULT_WINDOW || (item.control & ~(word_t)ITEM_RIGHTS_MASK) != ITEM_MAP)
		return false;
	if (capability_kind(c) != KIND_MEMORY || c->flags & CAPABILITY_DEVICE || memory_part(c, item.offset, &length) || capability_derivable(c))
		return false;
	if (memory_mapping(c, item.offset, length, fault_window(to) + item.base, item.control & c->rights & ACCESS_MASK, &m) ||
	    !pagetable_map_page(to->space, &m, record))
		return false;
	(void)pool_take_record(&to->space->pool);
	capability_derive(record, c, (uint8_t)item.control);
	memory_narrow(record, item.offset, length);
	record->flags |= CAPABILITY_RECORD;
	memory_mark_mapped(record, to->space, &m);
	return true;
}

enum error deliver_fault_items(struct delivery *d)
{
	struct windows windows = {
		.table = d->to->space,
		.map = d->to->space,
		.map_address = fault_window(d->to),
		.map_length = FAULT_WINDOW,
		.map_flags = WINDOW_REPLACE,
	};

	lock_take();
	return deliver_items(d, &windows);
}
