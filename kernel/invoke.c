/* SPDX-License-Identifier: BSD-2-Clause */
/* Dispatch of messages to kernel objects: look the operation up, check the rights, call its handler. */
#include "kernel/invoke.h"
#include "kernel/context.h"
#include "kernel/interrupt.h"
#include "kernel/pool.h"
#include "kernel/reply.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

static const struct operation *const operations[KIND_COUNT] = {
	[KIND_UNTYPED] = untyped_operations,
	[KIND_MEMORY] = memory_operations,
	[KIND_SPACE] = space_operations,
	[KIND_THREAD] = thread_operations,
	[KIND_NOTIFICATION] = notification_operations,
	[KIND_CONTEXT] = context_operations,
	[KIND_SYSTEM] = system_operations,
	[KIND_INTERRUPT] = interrupt_operations,
	[KIND_PORTS] = port_operations,
	[KIND_FIRMWARE] = firmware_operations,
};

/* The core on which a message to a Thread is handled: its owner's; binding another context: the old one's. */
static unsigned thread_message_home(const struct invocation *call)
{
	const struct thread *t = capability_object(call->target);
	const struct context *c = t->own;

	if (call->label == THREAD_SAVE_REPLY && t == call->caller && reply_caller(&t->reply))
		return reply_caller(&t->reply)->core;
	if (call->label == THREAD_CONFIGURE && thread_stopped(t) && c && call->w[0] & CONFIGURE_CONTEXT)
		return (unsigned)c->core;
	return thread_core(t);
}

/* The core that owns the target. */
static unsigned message_home(const struct invocation *call)
{
	unsigned home;

	switch (capability_kind(call->target)) {
	case KIND_THREAD:
		return thread_message_home(call);
	case KIND_INTERRUPT:
		home = interrupt_home(capability_object(call->target));
		return home == CORE_NONE ? hal_core_self() : home;
	case KIND_CONTEXT:
		return (unsigned)((const struct context *)capability_object(call->target))->core;
	case KIND_NOTIFICATION:
		return call->label == NOTIFICATION_SIGNAL ? hal_core_self()
							  : ((const struct object *)capability_object(call->target))->home;
	default:
		return hal_core_self();
	}
}

/* Where to wait for the target that is on its way here, or for the context that it would be given another for; CORE_NONE: no need. */
static unsigned waits(const struct invocation *call)
{
	const struct thread *t = capability_object(call->target);
	const struct context *c;

	if (capability_kind(call->target) != KIND_THREAD)
		return CORE_NONE;
	c = capability_object(&t->binding[BIND_CONTEXT]);
	if (t->in_mail)
		return hal_core_self();
	return call->label == THREAD_CONFIGURE && c && c->away ? c->at : CORE_NONE;
}

/* True: the message cannot be handled here, or not yet. */
static bool must_leave(const struct invocation *call)
{
	unsigned home = message_home(call);

	if (home == hal_core_self())
		home = waits(call);
	if (home == CORE_NONE)
		return false;
	schedule_elsewhere(home);
	return true;
}

enum error invoke(struct invocation *call)
{
	const struct operation *operation = operations[capability_kind(call->target)];

	for (; operation->handle; operation++) {
		if (operation->label != call->label)
			continue;
		if ((call->target->rights & operation->rights) != operation->rights)
			return ERROR_NO_RIGHTS;
		return must_leave(call) ? ERROR_RETRY : operation->handle(call);
	}
	return ERROR_BAD_ARGUMENT;
}

enum error invocation_capability(const struct invocation *call, handle_t handle, enum kind kind, uint8_t rights,
				 struct capability **result)
{
	struct capability *c = space_lookup(call->caller->space, handle);

	if (!c)
		return ERROR_BAD_HANDLE;
	if (capability_kind(c) != kind)
		return ERROR_WRONG_KIND;
	if ((c->rights & rights) != rights)
		return ERROR_NO_RIGHTS;
	*result = c;
	return OK;
}

enum error invocation_window(struct invocation *call, unsigned count, handle_t *first)
{
	struct thread *t = call->caller;
	unsigned blocks = 0, block_of_last = UINT32_MAX;

	if (!t->buffer)
		return ERROR_WINDOW;
	*first = t->buffer->handle_first;
	if (t->buffer->handle_count < count || *first >= t->space->slots)
		return ERROR_WINDOW;
	for (handle_t handle = *first; handle < *first + count; handle++) {
		unsigned missing = 0, block = (unsigned)(handle / TABLE_BLOCK_SLOTS);

		if (space_slot_free(t->space, handle, &missing))
			return ERROR_WINDOW;
		if (block != block_of_last)
			blocks += missing;
		block_of_last = block;
	}
	call->detail = pool_missing(&t->space->pool, blocks, 0);
	return call->detail ? ERROR_NO_MEMORY : OK;
}
