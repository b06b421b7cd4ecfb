/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoke, delete and tear-down: see revoke.h. */
#include "kernel/revoke.h"
#include "kernel/context.h"
#include "kernel/interrupt.h"
#include "kernel/invoke.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/memory.h"
#include "kernel/reply.h"
#include "kernel/trace.h"

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
	if (object->kind != KIND_SPACE && object->home != hal_core_self()) {
		schedule_elsewhere(object->home);
		return false;
	}
	if (!teardown_object(object)) {
		if (object->kind == KIND_NOTIFICATION && notification_in_mail((struct notification *)(void *)object))
			schedule_elsewhere(object->home); /* behind that mail */
		return false;
	}
	dying_first = object->next_dying;
	if (!dying_first)
		dying_last = NULL;
	trace(TRACE_DESTROY, object->kind, core_self()->current, NULL, 0, 0);
	capability_clear(teardown_self(object));
	return dying_first == NULL;
}

bool mapping_remove(struct capability *c, uintptr_t last)
{
	struct space *space = c->map.space;

	if (!pagetable_unmap(c, last)) {
		c->map.address |= MAPPING_VANISHES;
		return false;
	}
	c->map.space = NULL;
	c->map.address = 0;
	if (c->flags & CAPABILITY_RECORD) {
		capability_clear(c);
		pool_give_record(&space->pool, c);
	}
	return true;
}

/* The object of an original capability ends. True: at once; false: not yet, or it is on the tear-down list. */
static bool destroy_object(struct capability *c)
{
	void *object = capability_object(c);

	switch (capability_kind(c)) {
	case KIND_THREAD:
		return thread_destroy(object);
	case KIND_CONTEXT:
		context_destroy(object);
		return true;
	case KIND_INTERRUPT:
		interrupt_destroy(object);
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

/* Where a thread can be taken apart: where it is until it stopped, then where those are that it is linked with. */
static unsigned thread_home(const struct thread *t)
{
	const struct thread *caller = reply_caller(&t->reply);
	const struct context *c = t->active;

	if (!thread_stopped(t))
		return thread_core(t);
	if (!caller && c && c->stripped == t)
		return c->at;
	if (caller)
		return caller->core;
	return c ? (unsigned)c->core : CORE_NONE;
}

/* The thread that the capability lies in, or NULL. */
static struct thread *bound_in(const struct capability *c)
{
	return c->flags & CAPABILITY_BINDING && c->binding.place < BINDINGS ? c->binding.owner : NULL;
}

/* The core that owns what removing this capability changes; CORE_NONE: any will do. */
static unsigned removal_home(const struct capability *c)
{
	const void *object = capability_object(c);
	const struct context *context = object;
	const struct thread *t = bound_in(c);

	if (capability_kind(c) == KIND_REPLY)
		return reply_caller(c) ? thread_core(reply_caller(c)) : CORE_NONE;
	if (!(c->flags & (CAPABILITY_ORIGINAL | CAPABILITY_BINDING)))
		return CORE_NONE;
	switch (capability_kind(c)) {
	case KIND_THREAD:
		return thread_home(object);
	case KIND_CONTEXT:
		return context->away ? context->at : (unsigned)context->core;
	case KIND_NOTIFICATION:
		return ((const struct object *)object)->home;
	case KIND_ENDPOINT:
		return t ? thread_core(t) : ((const struct object *)object)->home;
	case KIND_INTERRUPT:
		return interrupt_home(object);
	default:
		return t ? thread_core(t) : CORE_NONE;
	}
}

/* What the capability is linked with is on its way: wait for it here. */
static bool removal_waits(const struct capability *c)
{
	const struct thread *t = capability_object(c);
	const struct context *context = capability_object(c);

	if (bound_in(c) && bound_in(c)->in_mail)
		return true;
	if (!(c->flags & (CAPABILITY_ORIGINAL | CAPABILITY_BINDING)))
		return false;
	if (capability_kind(c) == KIND_THREAD)
		return t->in_mail || (t->state == THREAD_STOPPED && t->active && t->active->stripped == t);
	return capability_kind(c) == KIND_CONTEXT && context->away;
}

/* True: not on this core, or not yet. */
static bool removal_away(const struct capability *c)
{
	unsigned home = removal_home(c);

	if (cores_running() == 1 || (!removal_waits(c) && (home == CORE_NONE || home == hal_core_self())))
		return false;
	schedule_elsewhere(home == CORE_NONE ? hal_core_self() : home);
	return true;
}

enum removal capability_remove(struct capability **place)
{
	struct capability *c = *place;

	ASSERT(c->object && !c->child);
	if (removal_away(c))
		return AWAY;
	trace(TRACE_REVOKE, capability_kind(c), core_self()->current, NULL, 0, 0);
	if (capability_kind(c) == KIND_REPLY) {
		reply_drop(c);
		return REMOVED;
	}
	if (c->flags & CAPABILITY_BINDING) {
		if (c->binding.place == BIND_INTERRUPT)
			interrupt_unbind(c->binding.owner);
		else if (c->binding.place == BIND_TRACE)
			trace_unbind(c);
		else
			thread_unbind(c->binding.owner, (enum thread_binding)c->binding.place);
		return REMOVED;
	}
	if (c->flags & CAPABILITY_FEED) {
		teardown_add(&c->feed.space->object);
		return WAITING;
	}
	if (capability_is_mapped(c)) {
		bool record = c->flags & CAPABILITY_RECORD;

		if (!mapping_remove(c, 0))
			return PARTLY;
		if (record)
			return REMOVED;
	}
	if (c->flags & CAPABILITY_DYING || (c->flags & CAPABILITY_ORIGINAL && !destroy_object(c))) {
		if (capability_kind(c) == KIND_THREAD)
			return PARTLY;
		*place = teardown_keep(c);
		return WAITING;
	}
	if (c->flags & CAPABILITY_ORIGINAL)
		trace(TRACE_DESTROY, capability_kind(c), core_self()->current, NULL, 0, 0);
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
		return false; /* also AWAY: the caller sees that it must leave */
	/* its memory is in use until it is torn down: keep that visible above everything that vanishes */
	if (leaf->parent != top || deleting)
		capability_hoist(leaf, leaf->parent->parent);
	else
		teardown_step();
	return false;
}

/* One step towards an empty slot. True: it is empty. */
static bool delete_step(struct capability *c)
{
	if (capability_kind(c) != KIND_REPLY) {
		c->flags |= CAPABILITY_REVOKING;
		if (!subtree_step(c, true))
			return false;
	}
	switch (capability_remove(&c)) {
	case PARTLY:
	case AWAY:
		return false;
	default:
		return true;
	}
}

/* ---- going on on another core ---- */

/* An operation without a thread. */
static struct work {
	struct mail mail;
	struct capability *target; /* NULL: only the tear-down list is left */
	bool deleting;
	bool busy;
} works[HAL_CORES_MAX];

/* A step said that the operation must go on elsewhere; what it was is noted in case it has no thread. */
static bool leave(struct capability *c, bool deleting)
{
	struct work *work = &works[hal_core_self()];

	if (!schedule_leaves())
		return false;
	if (!work->busy) {
		work->target = c;
		work->deleting = deleting;
	}
	return true;
}

void work_send(unsigned core)
{
	struct work *work = &works[hal_core_self()];

	if (work->busy)
		return;
	work->busy = true;
	work->mail.kind = MAIL_WORK;
	mail_send(core, &work->mail);
}

void work_forget(const struct capability *c)
{
	for (unsigned core = 0; core < cores_running(); core++)
		if (works[core].target == c)
			works[core].target = NULL;
}

static bool work_step(struct work *work)
{
	struct capability *c = work->target;

	if (!c)
		return teardown_step();
	if (!c->object || !(c->flags & CAPABILITY_REVOKING) || (work->deleting ? delete_step(c) : subtree_step(c, false))) {
		if (c->object)
			c->flags &= (uint8_t)~CAPABILITY_REVOKING;
		work->target = NULL;
	}
	return false;
}

void work_arrived(struct mail *mail)
{
	struct work *work = (struct work *)(void *)((char *)mail - offsetof(struct work, mail));
	struct core *core = core_self();

	lock_take();
	while (!work_step(work)) {
		if (core->elsewhere != CORE_NONE) {
			unsigned elsewhere = core->elsewhere;

			core->elsewhere = CORE_NONE;
			lock_give();
			mail_send(elsewhere, &work->mail);
			return;
		}
	}
	work->busy = false;
	lock_give();
}

/* ---- whole operations ---- */

enum error capability_revoke(struct capability *c)
{
	if (capability_kind(c) == KIND_REPLY)
		return OK;
	c->flags |= CAPABILITY_REVOKING;
	for (unsigned steps = 1; !subtree_step(c, false); steps++)
		if (leave(c, false) || (steps % PREEMPT_STEPS == 0 && schedule_preempt()))
			return ERROR_RETRY;
	c->flags &= (uint8_t)~CAPABILITY_REVOKING;
	return OK;
}

enum error capability_delete(struct thread *caller, struct capability *c)
{
	unsigned steps = 1;

	for (; c && !delete_step(c); steps++)
		if (leave(c, true) || (steps % PREEMPT_STEPS == 0 && schedule_preempt()))
			return ERROR_RETRY;
	for (; !teardown_step(); steps++) {
		if (leave(NULL, true)) {
			if (core_self()->current == caller)
				caller->continuation = CONTINUE_TEARDOWN;
			return ERROR_RETRY;
		}
		if (steps % PREEMPT_STEPS == 0 && schedule_preempt()) {
			caller->continuation = CONTINUE_TEARDOWN;
			return ERROR_RETRY;
		}
	}
	return OK;
}
