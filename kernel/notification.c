/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications. */
#include "kernel/notification.h"
#include "kernel/invoke.h"
#include "kernel/ipc.h"
#include "kernel/revoke.h"
#include "kernel/trace.h"

void notification_disarm(struct notification *n)
{
	deadline_disarm(&n->deadline);
	n->broken = false;
}

void notification_make(struct notification *n, unsigned home)
{
	n->object.kind = KIND_NOTIFICATION;
	n->object.home = (uint8_t)home;
	n->mail.kind = MAIL_SIGNAL;
	n->break_mail.kind = MAIL_BREAK;
}

/* BREAK: the bound thread's wait ends; if it does not wait now, its next one ends at once. */
void notification_break(struct notification *n)
{
	struct thread *t = n->bound;

	if (t && !thread_here(t)) {
		n->breaking = true;
		mail_send(thread_core(t), &n->break_mail);
		return;
	}
	if (t && thread_in_ipc(t)) {
		lock_take(); /* its Reply may just be moved */
		thread_wake_error(t, ERROR_DEADLINE);
		lock_give();
	} else if (t) {
		n->broken = true;
	}
	__atomic_store_n(&n->breaking, false, __ATOMIC_RELEASE); /* last: from now on its home may send it again, or end it */
}

void notification_expired(struct notification *n)
{
	if (n->breaks && !__atomic_load_n(&n->breaking, __ATOMIC_ACQUIRE))
		notification_break(n);
	else if (!n->breaks)
		notification_signal(n, n->deadline_bits);
}

/* ---- signals ---- */

/* Who would take the bits now: the first waiter, or the bound thread if it waits for a message (of this core). */
static struct thread *taker(const struct notification *n)
{
	const struct thread *t = n->bound;
	const struct wait_queue *queue = t && thread_here(t) ? t->link.queue : NULL;

	if (n->queue.first)
		return n->queue.first;
	return queue && queue->receivers ? n->bound : NULL;
}

void notification_collect(struct notification *n)
{
	notification_signal(n, __atomic_exchange_n(&n->remote, 0, __ATOMIC_ACQ_REL));
}

void notification_signal(struct notification *n, uint32_t bits)
{
	struct thread *t;

	if (n->object.home != hal_core_self()) {
		if (bits && !__atomic_load_n(&n->closed, __ATOMIC_RELAXED) && !__atomic_fetch_or(&n->remote, bits, __ATOMIC_ACQ_REL))
			mail_send(n->object.home, &n->mail);
		return;
	}
	t = taker(n);
	n->bits |= bits;
	if (bits)
		trace(TRACE_SIGNAL, bits, core_self()->current, t, 0, 0);
	if (!t || !n->bits)
		return;
	queue_remove(t);
	notification_deliver(t, notification_take(n));
	schedule_ready(t);
}

void notification_unbound(struct notification *n)
{
	n->bound = NULL;
	n->broken = false;
}

bool notification_in_mail(const struct notification *n)
{
	return __atomic_load_n(&n->breaking, __ATOMIC_ACQUIRE) || __atomic_load_n(&n->remote, __ATOMIC_ACQUIRE);
}

bool notification_teardown(struct notification *n)
{
	notification_disarm(n);
	if (!n->closed) { /* who found it alive without the lock has sent its signal when all have answered */
		__atomic_store_n(&n->closed, true, __ATOMIC_RELAXED);
		cores_sync(&(struct sync){0});
	}
	for (unsigned i = 0; i < 32 && n->queue.first; i++)
		thread_wake_error(n->queue.first, ERROR_GONE);
	return !n->queue.first && !notification_in_mail(n);
}

/* ---- messages ---- */

/* Bits that the holder of this capability may set. */
static uint32_t allowed(const struct invocation *call, word_t bits)
{
	const struct capability *c = call->target;

	return (uint32_t)bits & (c->flags & CAPABILITY_BADGED ? c->badge : UINT32_MAX);
}

static enum error operation_signal(struct invocation *call)
{
	if (call->w[0] > UINT32_MAX)
		return ERROR_BAD_ARGUMENT;
	notification_signal(capability_object(call->target), allowed(call, call->w[0]));
	return OK;
}

static enum error operation_arm(struct invocation *call)
{
	struct notification *n = capability_object(call->target);

	if (call->w[0] > UINT32_MAX || call->w[1] > UINT32_MAX || call->w[2] > UINT32_MAX || call->w[3] & ~(word_t)ARM_BREAK)
		return ERROR_BAD_ARGUMENT;
	notification_disarm(n);
	n->deadline_bits = allowed(call, call->w[0]);
	n->breaks = call->w[3] & ARM_BREAK;
	deadline_arm(&n->deadline, (uint64_t)call->w[2] << 32 | call->w[1], call->caller->priority);
	return OK;
}

static enum error operation_disarm(struct invocation *call)
{
	struct notification *n = capability_object(call->target);

	call->w[0] = n->deadline.armed;
	call->answer_words = 1;
	notification_disarm(n);
	return OK;
}

static enum error operation_bind(struct invocation *call)
{
	struct notification *n = capability_object(call->target);
	struct capability *thread;
	struct thread *t;
	enum error error = invocation_capability(call, call->w[0], KIND_THREAD, RIGHT_CONTROL, &thread);

	if (error)
		return error;
	if (call->target->flags & CAPABILITY_BADGED)
		return ERROR_NO_RIGHTS; /* to be bound is to wait */
	t = capability_object(thread);
	if (n->bound || t->binding[BIND_NOTIFICATION].object)
		return ERROR_BUSY;
	error = capability_derivable(call->target);
	if (error)
		return error;
	thread_bind(t, BIND_NOTIFICATION, call->target, 0);
	notification_signal(n, 0);
	return OK;
}

static enum error operation_unbind(struct invocation *call)
{
	struct notification *n = capability_object(call->target);

	if (call->target->flags & CAPABILITY_BADGED)
		return ERROR_NO_RIGHTS;
	if (!n->bound)
		return ERROR_BAD_ARGUMENT;
	thread_unbind(n->bound, BIND_NOTIFICATION);
	return OK;
}

const struct operation notification_operations[] = {
	{NOTIFICATION_SIGNAL, RIGHT_SIGNAL, operation_signal},
	{NOTIFICATION_ARM, RIGHT_ARM, operation_arm},
	{NOTIFICATION_DISARM, RIGHT_ARM, operation_disarm},
	{NOTIFICATION_BIND, RIGHT_WAIT, operation_bind},
	{NOTIFICATION_UNBIND, RIGHT_WAIT, operation_unbind},
	{0, 0, NULL},
};
