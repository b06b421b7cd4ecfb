/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoke, delete and tear-down: see revoke.h. */
#include "kernel/revoke.h"
#include "kernel/context.h"
#include "kernel/invoke.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/memory.h"
#include "kernel/reply.h"
#include "kernel/schedule.h"

/* Objects that are being torn down, oldest first. */
static struct object *dying_first, *dying_last;

static void teardown_add(struct object *object)
{
	if (object->dying)
		return;
	object->dying = true;
	object->original->flags |= CAPABILITY_DYING;
	object->next_dying = NULL;
	if (dying_last)
		dying_last->next_dying = object;
	else
		dying_first = object;
	dying_last = object;
}

const struct object *teardown_first(void)
{
	return dying_first;
}

struct capability *teardown_self(struct object *object)
{
	switch (object->kind) {
	case KIND_SPACE:
		return &((struct space *)(void *)object)->self;
	case KIND_ENDPOINT:
		return &((struct endpoint *)(void *)object)->self;
	default:
		ASSERT(object->kind == KIND_NOTIFICATION);
		return &((struct notification *)(void *)object)->self;
	}
}

struct capability *teardown_keep(struct capability *c)
{
	struct capability *self = teardown_self(capability_object(c));

	if (c != self)
		capability_move(self, c);
	return self;
}

static bool teardown_object(struct object *object)
{
	switch (object->kind) {
	case KIND_SPACE:
		return space_teardown((struct space *)(void *)object);
	case KIND_ENDPOINT:
		return endpoint_teardown((struct endpoint *)(void *)object);
	default:
		return notification_teardown((struct notification *)(void *)object);
	}
}

bool teardown_step(void)
{
	struct object *object = dying_first;

	if (!object)
		return true;
	if (!teardown_object(object))
		return false;
	dying_first = object->next_dying;
	if (!dying_first)
		dying_last = NULL;
	capability_clear(teardown_self(object));
	return dying_first == NULL;
}

bool mapping_remove(struct capability *c)
{
	struct space *space = c->map.space;

	if (!pagetable_unmap(space, mapped_address(c), memory_size(c)))
		return false;
	c->map.space = NULL;
	c->map.address = 0;
	if (c->flags & CAPABILITY_RECORD) {
		capability_clear(c);
		pool_give_record(&space->pool, c);
	}
	return true;
}

/* The object of an original capability ends. True: at once; false: it is on the tear-down list. */
static bool destroy_object(struct capability *c)
{
	void *object = capability_object(c);

	switch (capability_kind(c)) {
	case KIND_THREAD:
		thread_destroy(object);
		return true;
	case KIND_CONTEXT:
		context_destroy(object);
		return true;
	case KIND_SPACE:
		teardown_add(object);
		return false;
	case KIND_ENDPOINT:
	case KIND_NOTIFICATION:
		if (teardown_object(object))
			return true;
		teardown_add(object);
		return false;
	default:
		return true;
	}
}

enum removal capability_remove(struct capability **place)
{
	struct capability *c = *place;

	ASSERT(c->object && !c->child);
	if (capability_kind(c) == KIND_REPLY) {
		reply_drop(c);
		return REMOVED;
	}
	if (c->flags & CAPABILITY_BINDING) {
		thread_unbind(c->binding.owner, (enum thread_binding)c->binding.place);
		return REMOVED;
	}
	if (c->flags & CAPABILITY_FEED) {
		teardown_add(&c->feed.space->object);
		return WAITING;
	}
	if (capability_is_mapped(c)) {
		bool record = c->flags & CAPABILITY_RECORD;

		if (!mapping_remove(c))
			return PARTLY;
		if (record)
			return REMOVED;
	}
	if (c->flags & CAPABILITY_DYING || (c->flags & CAPABILITY_ORIGINAL && !destroy_object(c))) {
		*place = teardown_keep(c);
		return WAITING;
	}
	capability_clear(c);
	return REMOVED;
}

bool subtree_step(struct capability *top, bool deleting)
{
	struct capability *leaf = top->child;

	if (!leaf)
		return true;
	while (leaf->child)
		leaf = leaf->child;
	if (capability_remove(&leaf) != WAITING)
		return false;
	/* its memory is in use until it is torn down: keep that visible above everything that vanishes */
	if (leaf->parent != top || deleting)
		capability_hoist(leaf, leaf->parent->parent);
	else
		teardown_step();
	return false;
}

enum error capability_revoke(struct capability *c)
{
	if (capability_kind(c) == KIND_REPLY)
		return OK;
	c->flags |= CAPABILITY_REVOKING;
	for (unsigned steps = 1; !subtree_step(c, false); steps++)
		if (steps % PREEMPT_STEPS == 0 && schedule_preempt())
			return ERROR_RETRY;
	c->flags &= (uint8_t)~CAPABILITY_REVOKING;
	return OK;
}

/* One step towards an empty slot. True: it is empty. */
static bool delete_step(struct capability *c)
{
	if (capability_kind(c) != KIND_REPLY) {
		c->flags |= CAPABILITY_REVOKING;
		if (!subtree_step(c, true))
			return false;
	}
	return capability_remove(&c) != PARTLY;
}

enum error capability_delete(struct thread *caller, struct capability *c)
{
	unsigned steps = 1;

	for (; c && !delete_step(c); steps++)
		if (steps % PREEMPT_STEPS == 0 && schedule_preempt())
			return ERROR_RETRY;
	for (; !teardown_step(); steps++) {
		if (steps % PREEMPT_STEPS == 0 && schedule_preempt()) {
			caller->continuation = CONTINUE_TEARDOWN;
			return ERROR_RETRY;
		}
	}
	return OK;
}
