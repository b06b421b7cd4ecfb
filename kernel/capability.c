/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derivation tree: linking, deriving, moving. Every operation is bounded: a move touches at most
 * MOVE_CHILDREN_MAX children, a look at the ancestors at most CAPABILITY_DEPTH_MAX.
 */
#include "kernel/capability.h"
#include "kernel/reply.h"
#include "kernel/revoke.h"

#include <string.h>

/* Where the range revoke that was preempted last goes on. A second one simply makes the first start over. */
static struct {
	const struct capability *owner;
	struct capability *position;
} cursor;

struct capability *range_cursor(const struct capability *owner)
{
	return cursor.owner == owner ? cursor.position : owner->child;
}

void range_cursor_set(const struct capability *owner, struct capability *position)
{
	cursor.owner = owner;
	cursor.position = position;
}

static void link_below(struct capability *c, struct capability *parent)
{
	c->parent = parent;
	c->previous = NULL;
	c->next = NULL;
	c->depth = 0;
	if (!parent)
		return;
	ASSERT(parent->depth + 1 < CAPABILITY_DEPTH_MAX);
	c->depth = (uint8_t)(parent->depth + 1);
	c->next = parent->child;
	if (c->next)
		c->next->previous = c;
	parent->child = c;
}

static void unlink(struct capability *c)
{
	if (cursor.owner && cursor.position == c)
		cursor.position = c->next;
	if (c->next)
		c->next->previous = c->previous;
	if (c->previous)
		c->previous->next = c->next;
	else if (c->parent)
		c->parent->child = c->next;
}

/* Filling, which begins with zeros everywhere: the details at once, for a look-up may believe that it sees those of before. */
static void set_details(struct capability *c, uint64_t details)
{
	__atomic_store_n(&c->details, details, __ATOMIC_RELAXED);
}

/* The object word comes last, so that a look-up without the lock sees all or nothing. */
static void publish(struct capability *c, uint64_t object)
{
	__atomic_store_n(&c->object, object, __ATOMIC_RELEASE);
}

uint64_t capability_emptied = 1;

/* Emptying: the object word goes first, then look-ups are told, before anything else can be put there. */
static void empty(struct capability *c)
{
	if (c->flags & CAPABILITY_REVOKING)
		work_forget(c);
	__atomic_store_n(&c->object, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&capability_emptied, capability_emptied + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memset(c, 0, sizeof(*c));
}

void capability_make(struct capability *c, struct capability *parent, uint64_t object, uint8_t rights)
{
	ASSERT(!c->object);
	set_details(c, (struct capability_view){.rights = rights, .flags = CAPABILITY_ORIGINAL}.details);
	link_below(c, parent);
	publish(c, object);
}

void capability_derive(struct capability *to, struct capability *from, uint8_t rights)
{
	capability_derive_badged(to, from, rights, 0);
}

void capability_derive_badged(struct capability *to, struct capability *from, uint8_t rights, uint32_t badge)
{
	const struct capability_view fresh = {
		.badge = badge ? badge : from->badge,
		.rights = from->rights & rights,
		.flags = (uint8_t)((from->flags & (CAPABILITY_BADGED | CAPABILITY_DEVICE)) | (badge ? CAPABILITY_BADGED : 0)),
		.attribute = from->attribute,
	};

	ASSERT(!to->object && from->object);
	set_details(to, fresh.details);
	link_below(to, from);
	publish(to, from->object);
}

enum error capability_unmarked(const struct capability *c)
{
	for (; c; c = c->parent)
		if (c->flags & (CAPABILITY_REVOKING | CAPABILITY_DYING))
			return cursor.owner == c ? ERROR_BUSY : ERROR_GONE;
	return OK;
}

enum error capability_derivable(const struct capability *c)
{
	enum kind kind = capability_kind(c);

	if (kind == KIND_UNTYPED || kind == KIND_REPLY || c->depth + 1 >= CAPABILITY_DEPTH_MAX)
		return ERROR_BAD_ARGUMENT;
	return capability_unmarked(c);
}

enum error capability_movable(const struct capability *c)
{
	unsigned children = 0;

	if (c->flags & (CAPABILITY_REVOKING | CAPABILITY_DYING) || capability_is_mapped(c))
		return ERROR_BUSY;
	if (capability_kind(c) == KIND_REPLY)
		return OK;
	for (const struct capability *child = c->child; child; child = child->next)
		if (++children > MOVE_CHILDREN_MAX)
			return ERROR_BUSY;
	return OK;
}

/* Neighbours, children and, for an original, the object learn where the capability lies now. */
static void relink(struct capability *to, const struct capability *from)
{
	if (to->next)
		to->next->previous = to;
	if (to->previous)
		to->previous->next = to;
	else if (to->parent)
		to->parent->child = to;
	for (struct capability *child = to->child; child; child = child->next)
		child->parent = to;
	if (cursor.position == from)
		cursor.position = to;
	if (cursor.owner == from)
		cursor.owner = to;
}

void capability_move(struct capability *to, struct capability *from)
{
	enum kind kind = capability_kind(from);

	ASSERT(!to->object && from->object);
	memcpy(&to->parent, &from->parent, sizeof(*to) - offsetof(struct capability, parent));
	set_details(to, from->details);
	publish(to, from->object);
	if (kind == KIND_REPLY) {
		reply_moved(to);
	} else {
		relink(to, from);
		if (to->flags & CAPABILITY_ORIGINAL && kind_has_header(kind))
			((struct object *)capability_object(to))->original = to;
	}
	empty(from);
}

void capability_clear(struct capability *c)
{
	ASSERT(c->object && !c->child);
	unlink(c);
	if (cursor.owner == c)
		cursor.owner = NULL;
	empty(c);
}

void capability_hoist(struct capability *c, struct capability *parent)
{
	ASSERT(!c->child);
	unlink(c);
	link_below(c, parent);
}
