/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system call: argument checks, the send phase, the receive phase, answers. Each phase is one
 * function; messages to kernel objects are in invoke.c, faults in fault.c, delivery in delivery.c.
 */
#include "kernel/ipc.h"
#include "kernel/context.h"
#include "kernel/delivery.h"
#include "kernel/fault.h"
#include "kernel/invoke.h"
#include "kernel/notification.h"
#include "kernel/reply.h"
#include "kernel/revoke.h"
#include "kernel/space.h"
#include "kernel/trace.h"

enum { ACCEPT_STEPS = 32, TEARDOWN_STEPS = 32 };

static const word_t no_words[MESSAGE_REGISTERS];

/* What became of a phase. */
enum outcome {
	PHASE_DONE,  /* go on with the next */
	PHASE_ENDED, /* the thread blocked, failed, was destroyed, or runs the call again */
};

void ipc_fail(struct thread *t, enum error error, enum phase phase, word_t item, word_t detail)
{
	const word_t w[MESSAGE_REGISTERS] = {detail};

	hal_message_store(&t->frame, status_make(error, phase, item), 0, 0, w);
}

static enum outcome fail(struct thread *t, enum error error, enum phase phase)
{
	t->continuation = CONTINUE_NONE;
	ipc_fail(t, error, phase, 0, 0);
	return PHASE_ENDED;
}

bool ipc_broken(struct thread *t, enum phase phase)
{
	struct notification *n = t->notification;

	if (!n || !n->broken)
		return false;
	n->broken = false;
	ipc_fail(t, ERROR_DEADLINE, phase, 0, 0);
	return true;
}

static void block(struct thread *t, enum thread_state state, struct wait_queue *queue)
{
	schedule_remove(t);
	t->state = (uint8_t)state;
	queue_insert(queue, t);
}

/*
 * A caller that waits for its answer belongs to the core of its context: the last thing that happens to it here. A server
 * with a context of its own keeps to it when the caller's is on another core; one without travels there to borrow it.
 */
void ipc_link_call(struct thread *caller, struct thread *server)
{
	struct context *c = caller->active;

	schedule_remove(caller);
	reply_make(&server->reply, caller);
	schedule_priority(server, server->priority, caller->effective);
	context_give_back(server); /* what a caller lent whose Reply it saved */
	if (!c || (c->core == hal_core_self() && !c->away)) {
		context_lend(caller, server);
		return;
	}
	if (!server->active)
		server->pending = PENDING_BORROW;
	context_follow(caller);
}

/* ---- send ---- */

/* The message is delivered to a receiver that waits. */
static enum outcome send_now(struct thread *t, struct thread *receiver, struct delivery *d, const struct hal_message *m)
{
	enum error error = deliver_message(d, m->w);

	if (error) {
		ipc_fail(t, error, PHASE_SEND, d->item, d->detail);
		return PHASE_ENDED;
	}
	queue_remove(receiver);
	if (m->tag & TAG_CALL) {
		t->state = THREAD_CALLING;
		ipc_link_call(t, receiver);
		schedule_ready_first(receiver);
		return PHASE_ENDED;
	}
	schedule_ready(receiver);
	return PHASE_DONE;
}

/* May this message go through the capability? */
static enum error sendable(const struct capability_view *c, word_t tag)
{
	const struct endpoint *e = view_object(c);

	if (!(c->rights & RIGHT_SEND) || (tag_items(tag) && !(c->rights & RIGHT_TRANSFER)))
		return ERROR_NO_RIGHTS;
	return e->object.dying ? ERROR_GONE : OK;
}

/* The call goes on on another core. */
static enum outcome leave(struct thread *t, unsigned core, enum pending pending)
{
	schedule_travel(t, core, pending);
	return PHASE_ENDED;
}

static enum outcome send_endpoint(struct thread *t, const struct hal_message *m, const struct capability_view *c)
{
	struct endpoint *e = view_object(c);
	struct thread *receiver = e->receivers.first;
	enum error error = sendable(c, m->tag);
	struct delivery d = {.from = t, .to = receiver, .tag = m->tag, .badge = c->badge, .through = e};

	if (error)
		return fail(t, error, PHASE_SEND);
	if (e->object.home != hal_core_self())
		return leave(t, e->object.home, PENDING_CALL);
	if (!receiver && m->tag & TAG_NOWAIT_SEND)
		return fail(t, ERROR_WOULD_BLOCK, PHASE_SEND);
	if ((!receiver || m->tag & TAG_CALL) && ipc_broken(t, PHASE_SEND))
		return PHASE_ENDED;
	if (receiver)
		return send_now(t, receiver, &d, m);
	block(t, THREAD_SENDING, &e->senders);
	return PHASE_ENDED;
}

/* Answers the caller whose Reply lies in `place`. */
static enum outcome answer(struct thread *t, const struct hal_message *m, struct capability *place)
{
	struct thread *caller = reply_caller(place);
	struct delivery d = {.from = t, .to = caller, .tag = m->tag & ~(word_t)TAG_FLAGS_MASK};
	enum error error = OK;

	if (m->tag & TAG_CALL)
		return fail(t, ERROR_BAD_ARGUMENT, PHASE_SEND);
	if (caller && !thread_here(caller))
		return leave(t, thread_core(caller), PENDING_CALL);
	caller = reply_caller(place); /* it may have been aborted there, and have come here for something else */
	d.to = caller;
	if (caller && caller->state == THREAD_FAULTED)
		lock_take(); /* it may be stopped */
	if (caller)
		error = caller->state == THREAD_FAULTED ? fault_answer(&d, m->w) : deliver_message(&d, m->w);
	if (error) {
		ipc_fail(t, error, PHASE_SEND, d.item, d.detail);
		return PHASE_ENDED;
	}
	reply_take(place);
	if (!t->reply.object) /* else it answered a saved Reply and serves another caller meanwhile */
		schedule_priority(t, t->priority, 0);
	if (caller && caller->state != THREAD_STOPPED)
		schedule_ready_first(caller);
	return PHASE_DONE;
}

/* The operation was preempted, or must go on on another core. If it destroyed its thread, it goes on without one. */
static enum outcome again(struct thread *t)
{
	struct core *core = core_self();
	unsigned elsewhere = core->elsewhere;

	core->elsewhere = CORE_NONE;
	if (core->current != t || t->state != THREAD_READY)
		work_send(elsewhere);
	else if (elsewhere != CORE_NONE)
		return leave(t, elsewhere, PENDING_CALL);
	else
		t->pending = PENDING_CALL;
	return PHASE_ENDED;
}

/* c: NULL: there is none, or it was destroyed by this very message, which has only the tear-down list left to do. */
static enum outcome send_object(struct thread *t, const struct hal_message *m, struct capability *c)
{
	struct invocation call;
	enum error error;

	if (!c && t->continuation != CONTINUE_TEARDOWN)
		return fail(t, ERROR_BAD_HANDLE, PHASE_SEND);
	call.caller = t;
	call.target = c;
	call.label = tag_label(m->tag);
	call.words = (unsigned)tag_words(m->tag);
	call.answer_words = 0;
	call.detail = 0;
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		call.w[i] = i < call.words ? m->w[i] : 0;
	if (!c)
		error = capability_delete(t, NULL);
	else
		error = tag_items(m->tag) ? ERROR_BAD_ARGUMENT : invoke(&call);
	if (error == ERROR_RETRY)
		return again(t);
	if (core_self()->current != t)
		return PHASE_ENDED;
	t->continuation = CONTINUE_NONE;
	if (error) {
		ipc_fail(t, error, PHASE_SEND, 0, call.detail);
		return PHASE_ENDED;
	}
	if (t->state == THREAD_READY && m->from != HANDLE_NONE)
		return PHASE_DONE; /* the receive phase stores its result */
	for (unsigned i = call.answer_words; i < MESSAGE_REGISTERS; i++)
		call.w[i] = 0;
	hal_message_store(&t->frame, OK, 0, tag_make(0, call.answer_words, 0), call.w);
	return PHASE_ENDED;
}

/* Only a thread itself answers from its own record; a Reply in a slot may be moved by others meanwhile. */
static enum outcome send_reply(struct thread *t, const struct hal_message *m)
{
	struct capability *c;

	lock_take();
	c = space_lookup(t->space, m->to);
	if (!c || capability_kind(c) != KIND_REPLY)
		return fail(t, ERROR_BAD_HANDLE, PHASE_SEND);
	return answer(t, m, c);
}

/* A signal reaches every core without travelling and without the lock; so what its handle means is read once. */
static bool is_signal(const struct capability_view *c, word_t tag)
{
	return view_kind(c) == KIND_NOTIFICATION && tag_label(tag) == NOTIFICATION_SIGNAL;
}

/* There is no capability (any more): an error, unless the message itself destroyed it. */
static enum outcome send_nowhere(struct thread *t, const struct hal_message *m)
{
	if (t->continuation != CONTINUE_TEARDOWN)
		return fail(t, ERROR_BAD_HANDLE, PHASE_SEND);
	lock_take();
	return send_object(t, m, NULL);
}

static enum outcome send(struct thread *t, const struct hal_message *m)
{
	struct capability_view view;
	struct capability *c;

	if (m->to == HANDLE_REPLY)
		return t->reply.object ? answer(t, m, &t->reply) : fail(t, ERROR_BAD_HANDLE, PHASE_SEND);
	if (!space_view(t->space, m->to, &view))
		return send_nowhere(t, m);
	if (view_kind(&view) == KIND_ENDPOINT || view_kind(&view) == KIND_REPLY)
		t->continuation = CONTINUE_NONE;
	if (view_kind(&view) == KIND_ENDPOINT)
		return send_endpoint(t, m, &view);
	if (view_kind(&view) == KIND_REPLY)
		return send_reply(t, m);
	if (is_signal(&view, m->tag)) {
		struct capability seen = {.object = view.object, .details = view.details};

		return send_object(t, m, &seen);
	}
	lock_take();
	c = space_lookup(t->space, m->to);
	if (!c || (capability_kind(c) != KIND_ENDPOINT && capability_kind(c) != KIND_REPLY))
		return send_object(t, m, c);
	t->pending = PENDING_CALL; /* the slot was refilled meanwhile: from the beginning */
	return PHASE_ENDED;
}

/* ---- receive ---- */

/* The sender's message was taken: it waits for the answer, receives in turn, or is done. */
static void sent(struct thread *s, struct thread *receiver, const struct hal_message *m)
{
	if (m->tag & TAG_CALL) {
		s->state = THREAD_CALLING;
		ipc_link_call(s, receiver);
		return;
	}
	if (m->from != HANDLE_NONE)
		s->pending = PENDING_RECEIVE;
	else
		hal_message_store(&s->frame, OK, 0, 0, no_words);
	schedule_ready(s);
}

/* Takes the message of a queued sender. False: it could not be delivered, and the sender was told. */
static bool accept(struct thread *t, struct endpoint *e, struct thread *s)
{
	struct delivery d = {.from = s, .to = t, .through = e};
	struct capability_view c;
	struct hal_message m;
	enum error error;

	queue_remove(s);
	if (s->state == THREAD_FAULTED)
		return fault_accept(t, s);
	hal_message_load(&s->frame, &m);
	if (!space_view(s->space, m.to, &c) || c.object != object_word(e, KIND_ENDPOINT)) {
		error = ERROR_BAD_HANDLE;
	} else {
		d.tag = m.tag;
		d.badge = c.badge;
		error = tag_words(m.tag) > MESSAGE_REGISTERS && !s->buffer ? ERROR_BAD_ARGUMENT : sendable(&c, m.tag);
	}
	if (!error)
		error = deliver_message(&d, m.w);
	if (error) {
		ipc_fail(s, error, PHASE_SEND, d.item, d.detail);
		schedule_ready(s);
		return false;
	}
	sent(s, t, &m);
	return true;
}

/* Could the thread receive through this handle? *object is what it would receive from. */
static enum error receivable(struct thread *t, handle_t from, struct object **object)
{
	const struct notification *bound = t->notification;
	struct capability_view c;
	uint8_t right;

	if (!space_view(t->space, from, &c))
		return ERROR_BAD_HANDLE;
	if (view_kind(&c) != KIND_NOTIFICATION && view_kind(&c) != KIND_ENDPOINT)
		return ERROR_WRONG_KIND;
	right = view_kind(&c) == KIND_NOTIFICATION ? (uint8_t)RIGHT_WAIT : (uint8_t)RIGHT_RECEIVE;
	*object = view_object(&c);
	if (!(c.rights & right) || c.flags & CAPABILITY_BADGED)
		return ERROR_NO_RIGHTS;
	/* one receive can see both only if one core owns both */
	return bound && bound->object.home != (*object)->home ? ERROR_BAD_ARGUMENT : OK;
}

static void wait_notification(struct thread *t, struct notification *n, word_t tag)
{
	if (n->bits) {
		notification_deliver(t, notification_take(n));
	} else if (tag & TAG_NOWAIT_RECEIVE) {
		ipc_fail(t, ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0);
	} else if (n->object.dying) {
		ipc_fail(t, ERROR_GONE, PHASE_RECEIVE, 0, 0);
	} else if (!ipc_broken(t, PHASE_RECEIVE)) {
		context_give_back(t);
		block(t, THREAD_RECEIVING, &n->queue);
	}
}

/* Takes the first message that can be delivered. PHASE_DONE: nobody is waiting. */
static enum outcome accept_first(struct thread *t, struct endpoint *e)
{
	for (unsigned steps = 1; e->senders.first; steps++) {
		if (accept(t, e, e->senders.first))
			return PHASE_ENDED;
		if (steps % ACCEPT_STEPS == 0 && schedule_preempt()) {
			t->pending = PENDING_RECEIVE;
			return PHASE_ENDED;
		}
	}
	return PHASE_DONE;
}

static void receive_endpoint(struct thread *t, struct endpoint *e, word_t tag)
{
	struct notification *bound = t->notification;

	if (t->reply.object && !reply_caller(&t->reply))
		reply_take(&t->reply);
	if (t->reply.object) {
		ipc_fail(t, ERROR_BUSY, PHASE_RECEIVE, 0, 0);
		return;
	}
	schedule_priority(t, t->priority, 0);
	if (bound && bound->bits) {
		notification_deliver(t, notification_take(bound));
		return;
	}
	if (accept_first(t, e) == PHASE_ENDED)
		return;
	if (tag & TAG_NOWAIT_RECEIVE) {
		ipc_fail(t, ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0);
	} else if (e->object.dying) {
		ipc_fail(t, ERROR_GONE, PHASE_RECEIVE, 0, 0);
	} else if (!ipc_broken(t, PHASE_RECEIVE)) {
		context_give_back(t);
		block(t, THREAD_RECEIVING, &e->receivers);
	}
}

/* The thread goes to the core of what it receives from; what was lent to it is given back before, on its own core. */
static void travel_to_receive(struct thread *t, unsigned home)
{
	unsigned core = context_lent_core(t);

	if (core == hal_core_self()) {
		context_give_back(t);
		core = home;
	}
	schedule_travel(t, core == CORE_NONE ? home : core, PENDING_RECEIVE);
}

/* object: what it receives from; NULL: not known, or no more since the send phase. */
static void receive(struct thread *t, const struct hal_message *m, struct object *object)
{
	enum error error = object ? OK : receivable(t, m->from, &object);
	unsigned lent = context_lent_core(t);

	if (error)
		ipc_fail(t, error, PHASE_RECEIVE, 0, 0);
	else if (object->home != hal_core_self() || (lent != CORE_NONE && lent != hal_core_self()))
		travel_to_receive(t, object->home);
	else if (object->kind == KIND_NOTIFICATION)
		wait_notification(t, (struct notification *)(void *)object, m->tag);
	else
		receive_endpoint(t, (struct endpoint *)(void *)object, m->tag);
}

void ipc_continue_receive(struct thread *t)
{
	struct hal_message m;

	hal_message_load(&t->frame, &m);
	receive(t, &m, NULL);
}

/* ---- the call ---- */

static enum error check_arguments(const struct thread *t, const struct hal_message *m)
{
	word_t tag = m->tag;

	if ((tag & TAG_FLAGS_MASK & ~(word_t)TAG_FLAGS) || tag > UINT32_MAX || tag_label(tag) & LABEL_KERNEL)
		return ERROR_BAD_ARGUMENT;
	if (tag_words(tag) > MESSAGE_WORDS || tag_items(tag) > MESSAGE_ITEMS)
		return ERROR_BAD_ARGUMENT;
	if ((tag_words(tag) > MESSAGE_REGISTERS || tag_items(tag)) && !t->buffer)
		return ERROR_BAD_ARGUMENT;
	if (tag & TAG_CALL && (m->from != HANDLE_NONE || m->to == HANDLE_NONE || tag & (TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE)))
		return ERROR_BAD_ARGUMENT;
	return OK;
}

static void ipc(struct thread *t, const struct hal_message *m)
{
	struct object *object;
	enum error error = check_arguments(t, m);

	if (error) {
		fail(t, error, PHASE_SEND);
		return;
	}
	if (m->from != HANDLE_NONE) {
		error = receivable(t, m->from, &object);
		if (error) {
			fail(t, error, PHASE_RECEIVE);
			return;
		}
	} else if (m->to == HANDLE_NONE) {
		hal_message_store(&t->frame, OK, 0, 0, no_words);
		core_self()->slice_over = true;
		return;
	}
	if (m->to != HANDLE_NONE && send(t, m) == PHASE_ENDED)
		return;
	if (m->from != HANDLE_NONE)
		receive(t, m, m->to == HANDLE_NONE ? object : NULL);
	else
		hal_message_store(&t->frame, OK, 0, 0, no_words);
}

void ipc_run(struct thread *t)
{
	struct hal_message m;

	hal_message_load(&t->frame, &m);
	ipc(t, &m);
}

struct hal_frame *core_syscall(struct hal_frame *f)
{
	struct thread *t = thread_of(f);
	struct hal_message m;

	ASSERT(t == core_self()->current && t->state == THREAD_READY);
	hal_message_load(f, &m);
	trace(TRACE_IPC, (uint32_t)m.tag, t, NULL, m.to, m.from);
	if (!hal_frame_plain(f))
		thread_set_rare(t, RARE_DEBUG);
	ipc(t, &m);
	return core_resume();
}

void endpoint_make(struct endpoint *e, unsigned home)
{
	e->object.kind = KIND_ENDPOINT;
	e->object.home = (uint8_t)home;
	e->receivers.receivers = true;
}

bool endpoint_teardown(struct endpoint *e)
{
	struct thread *t;

	for (unsigned i = 0; i < TEARDOWN_STEPS && (t = e->senders.first ? e->senders.first : e->receivers.first); i++)
		thread_wake_error(t, ERROR_GONE);
	return !e->senders.first && !e->receivers.first;
}
