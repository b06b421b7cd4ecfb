/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: bindings, the end of waits, stop and destruction. Every function here takes constant time. */
#include "kernel/thread.h"
#include "kernel/context.h"
#include "kernel/fpu.h"
#include "kernel/ipc.h"
#include "kernel/memory.h"
#include "kernel/notification.h"
#include "kernel/reply.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

struct thread *thread_make(void *memory)
{
	struct thread *t = memory;

	hal_frame_init(&t->frame, 0, 0, 0);
	queue_link_init(t);
	t->core = (uint8_t)hal_core_self();
	t->mail.kind = MAIL_THREAD;
	return t;
}

/* What the thread keeps beside the capability. */
static void bound(struct thread *t, enum thread_binding place, struct capability *c, word_t offset)
{
	switch (place) {
	case BIND_SPACE:
		t->space = capability_object(c);
		break;
	case BIND_CONTEXT:
		t->own = capability_object(c);
		context_bound(t->own, t);
		break;
	case BIND_BUFFER:
		t->buffer = (struct buffer *)((char *)hal_kernel_address(capability_base(c)) + offset % PAGE_SIZE);
		break;
	case BIND_NOTIFICATION:
		t->notification = capability_object(c);
		t->notification->bound = t;
		thread_set_rare(t, RARE_NOTIFICATION);
		break;
	default:
		break;
	}
}

void thread_bind(struct thread *t, enum thread_binding place, struct capability *c, word_t offset)
{
	struct capability *binding = &t->binding[place];

	thread_unbind(t, place);
	capability_derive(binding, c, RIGHTS_ALL);
	binding->flags |= CAPABILITY_BINDING;
	if (place == BIND_BUFFER)
		memory_narrow(binding, offset & ~(word_t)(PAGE_SIZE - 1), PAGE_SIZE);
	binding->binding.owner = t;
	binding->binding.place = place;
	bound(t, place, binding, offset);
}

void thread_unbind(struct thread *t, enum thread_binding place)
{
	struct capability *binding = &t->binding[place];
	void *object = capability_object(binding);

	if (!binding->object)
		return;
	capability_clear(binding);
	switch (place) {
	case BIND_SPACE:
		thread_stop(t);
		thread_forget(t);
		t->continuation = CONTINUE_NONE;
		t->space = NULL;
		break;
	case BIND_CONTEXT:
		t->own = NULL;
		context_unbound(object);
		break;
	case BIND_BUFFER:
		t->buffer = NULL;
		break;
	case BIND_FPU:
		fpu_forget(t);
		thread_clear_rare(t, RARE_FPU);
		break;
	case BIND_NOTIFICATION:
		t->notification = NULL;
		thread_clear_rare(t, RARE_NOTIFICATION);
		notification_unbound(object);
		break;
	default:
		break;
	}
}

void thread_unload(struct thread *t)
{
	struct core *core = core_self();

	fpu_release(t);
	if (core->loaded == t)
		core->loaded = NULL;
}

void thread_halt(struct thread *t)
{
	ASSERT(core_self()->locked);
	thread_unload(t);
	__atomic_store_n(&t->state, THREAD_STOPPED, __ATOMIC_RELEASE); /* from now on it may be destroyed on any core */
}

void thread_detach(struct thread *t)
{
	if (t->link.queue)
		queue_remove(t);
	reply_orphan(t);
	context_return(t);
}

void thread_wake_error(struct thread *t, enum error error)
{
	enum phase phase = thread_phase(t);
	bool faulted = t->state == THREAD_FAULTED;

	thread_detach(t);
	if (faulted) {
		t->fault.label = 0;
		thread_halt(t);
		return;
	}
	ipc_fail(t, error, phase, 0, 0);
	schedule_ready(t);
}

/* What was about to happen to the thread does not. A call that was preempted is found at its trap again. */
static void end_pending(struct thread *t)
{
	if (t->pending == PENDING_CALL)
		hal_frame_retry(&t->frame);
	else if (t->pending == PENDING_RECEIVE)
		ipc_fail(t, ERROR_ABORTED, PHASE_RECEIVE, 0, 0);
	else if (t->pending == PENDING_FAULT)
		t->fault.label = 0;
	t->pending = PENDING_NONE;
}

void thread_stop(struct thread *t)
{
	if (thread_in_ipc(t) || t->state == THREAD_FAULTED)
		thread_wake_error(t, ERROR_ABORTED);
	else
		end_pending(t);
	schedule_remove(t);
	thread_halt(t);
}

/* The core where the next link of a stopped thread must be undone; the core it belongs to if none is left elsewhere. */
static unsigned next_link(const struct thread *t)
{
	const struct thread *caller = reply_caller(&t->reply);
	const struct notification *n = t->notification;
	const struct context *c = t->own;
	unsigned self = hal_core_self();

	if (caller && caller->core != self)
		return caller->core;
	if (t->active && t->active->core != self)
		return (unsigned)t->active->core;
	if (n && n->object.home != self)
		return n->object.home;
	return c && c->core != self ? (unsigned)c->core : self;
}

bool thread_destroy(struct thread *t)
{
	struct core *core = core_self();
	const struct notification *n = t->notification;
	const struct context *c = t->own;
	unsigned self = hal_core_self(), next;

	if (t->core == self)
		thread_stop(t);
	if (core->current == t)
		core->current = NULL;
	if (t->reply.object && (!reply_caller(&t->reply) || reply_caller(&t->reply)->core == self))
		reply_drop(&t->reply);
	if (t->active && t->active->core == self)
		context_drop(t);
	if (n && n->object.home == self)
		thread_unbind(t, BIND_NOTIFICATION);
	if (c && c->core == self)
		thread_unbind(t, BIND_CONTEXT);
	next = next_link(t);
	if (next != self) {
		schedule_elsewhere(next);
		return false;
	}
	for (enum thread_binding place = 0; place < BINDINGS; place++)
		thread_unbind(t, place);
	return true;
}
