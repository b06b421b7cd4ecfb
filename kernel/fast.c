/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of the system call: call, and answer-and-receive, between threads of one core, with words only. One
 * source for all processors. First come all checks; whatever is not plain leaves for the general path (ipc.c)
 * with nothing changed. Then, behind the point of no return, only stores. It takes no lock, reads no clock and
 * touches no timer: time goes on being charged to the context that is lent and comes back.
 *
 * w0..w7 are in registers that a C function preserves, so they arrive by not being touched.
 */
#include "kernel/context.h"
#include "kernel/delivery.h"
#include "kernel/fpu.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/reply.h"
#include "kernel/schedule.h"
#include "kernel/space.h"
#include "kernel/trace.h"

#include "check/check.h"

/* Of a tag: a label that is not the kernel's. Without it a tag that is 0..MESSAGE_REGISTERS is one of words in registers only. */
#define TAG_LABEL ((word_t)(LABEL_KERNEL - 1) << TAG_LABEL_SHIFT)

static inline hal_next_t general(struct thread *t, word_t to, word_t from, word_t tag)
{
	hal_message_head(&t->frame, to, from, tag);
	return hal_next((uintptr_t)&t->frame | HAL_GENERAL, 0);
}

/* ---- handles ---- */

/* Does the memo tell what the handle means? It then did so a moment ago, like any look-up without the lock. */
static inline bool known(const struct memo *memo, handle_t handle)
{
	return memo->handle == handle && memo->emptied == __atomic_load_n(&capability_emptied, __ATOMIC_RELAXED);
}

/*
 * Looks for an Endpoint of this core behind a handle of the thread, with the right. It is not being torn down: then no
 * handle would name it any more, and that is done on its own core. False: there is none; *object: what there is instead.
 */
static bool find(const struct core *core, const struct thread *t, struct memo *memo, handle_t handle, uint8_t right, uint64_t *object)
{
	struct capability_view view = {.object = 0};
	uint64_t emptied;
	struct endpoint *e;
	bool found = space_view_at(t->space, handle, &view, &emptied);

	*object = view.object;
	if (!found || view_kind(&view) != KIND_ENDPOINT || !(view.rights & right))
		return false;
	e = view_object(&view);
	if (e->object.home != core->number || (right == RIGHT_RECEIVE && view.flags & CAPABILITY_BADGED))
		return false;
	*memo = (struct memo){.handle = handle, .emptied = emptied, .endpoint = e, .badge = view.badge};
	return true;
}

/* ---- conditions ---- */

/* Something that the thread's bound Notification has for it, or may not have at the same time. */
static inline bool notified(const struct core *core, const struct thread *t)
{
	const struct notification *n = t->notification;

	return n && (n->bits || n->broken || n->object.home != core->number);
}

/* Do that many words arrive? Those behind the registers go from buffer to buffer. */
static inline bool fits(const struct thread *from, const struct thread *to, word_t words)
{
	return words <= MESSAGE_REGISTERS || (words <= MESSAGE_WORDS && from->buffer && to->buffer);
}

/* ---- the end: the thread goes on with its message ---- */

static __attribute__((noinline)) hal_next_t go_on_with_new_asid(struct core *core, struct thread *t, hal_next_t next)
{
	space_activate(t->space); /* while it waits for the lock, another core may have this one leave the old Space */
	core->active_space = t->space;
	return next;
}

static inline hal_next_t go_on(struct core *core, const struct thread *from, struct thread *t, word_t badge, word_t tag)
{
	hal_next_t next = hal_next((uintptr_t)&t->frame, hal_message_received(&t->frame, badge, tag));
	struct space *space = t->space;

	t->state = THREAD_READY;
	core->current = core->loaded = t;
	hal_thread_switch_plain(&from->frame, &t->frame);
	if (core->active_space != space) {
		if (!space_is_known(space))
			return go_on_with_new_asid(core, t, next);
		core->active_space = space;
		hal_space_switch(space->translation);
	}
	return next;
}

/*
 * What is possible on the fast path but rare has functions of its own, called at the very end of the others, which so save no registers
 * for them: words behind those in registers, FP state, bound Notifications, tracing, receivers that queue.
 */
static inline bool is_rare(const struct core *core, const struct thread *from, const struct thread *to)
{
	return COBNUT_CHECK || from->rare | to->rare | core->rare;
}

/* The last of what can keep it off the fast path altogether. */
static bool is_general(const struct core *core, const struct thread *from, const struct thread *to, word_t tag)
{
	return to->rare & RARE_RECALL || (from->rare | to->rare) & RARE_DEBUG || notified(core, from) || !fits(from, to, tag_words(tag));
}

static hal_next_t go_on_rarely(struct core *core, struct thread *from, struct thread *t, word_t badge, word_t tag, handle_t handle)
{
	bool calls = tag & TAG_CALL;
	hal_next_t next;

	if (tag_words(tag) > MESSAGE_REGISTERS)
		message_copy(t->buffer, from->buffer, tag_words(tag));
	if (core->traced) {
		trace(TRACE_IPC_FAST, (uint32_t)tag, from, NULL, calls ? handle : HANDLE_REPLY, calls ? HANDLE_NONE : handle);
		trace(TRACE_MESSAGE, (uint32_t)tag, from, t, badge, !calls);
		if (traced(TRACE_SWITCH))
			trace_switch(t);
	}
	if (core->fpu_owned || t->rare & RARE_FPU)
		fpu_switch(t);
	next = go_on(core, from, t, badge, tag);
	if (COBNUT_CHECK)
		check_exit();
	return next;
}

/* ---- call ---- */

/* The server gets the right to answer, and the caller's context. */
static inline void hand_over(struct thread *t, struct thread *server)
{
	struct context *c = t->active;

	t->continuation = CONTINUE_NONE;
	t->state = THREAD_CALLING;
	t->reply_place = &server->reply;
	server->reply.object = object_word(t, KIND_REPLY);
	t->active = NULL;
	t->lent = c;
	t->lender_below = c->lender;
	c->lender = t;
	c->user = server;
	server->active = c;
	server->inherited = t->effective;
	if (server->effective < t->effective)
		server->effective = t->effective;
}

static __attribute__((noinline)) hal_next_t call_rarely(struct core *core, struct thread *t, const struct memo *through, word_t tag)
{
	struct thread *server = through->endpoint->receivers.first;

	if (!server || is_general(core, t, server, tag))
		return general(t, through->handle, HANDLE_NONE, tag);
	queue_remove(server);
	hand_over(t, server);
	return go_on_rarely(core, t, server, through->badge, tag, through->handle);
}

/* Nothing is known of the handle; then it is, or there is no such Endpoint, and perhaps nothing at all. */
static __attribute__((noinline)) hal_next_t call_unknown(struct core *core, struct thread *t, handle_t to, word_t tag)
{
	uint64_t object;

	if (find(core, t, &t->sends, to, RIGHT_SEND, &object))
		return core_ipc(to, HANDLE_NONE, tag, &t->frame);
	if (object || t->continuation || core->traced || to == HANDLE_NONE || to == HANDLE_REPLY || tag_words(tag) > MESSAGE_REGISTERS)
		return general(t, to, HANDLE_NONE, tag);
	hal_message_head(&t->frame, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0), 0, 0);
	return hal_next((uintptr_t)&t->frame | HAL_FAILED, 0);
}

static inline hal_next_t call(struct thread *t, handle_t to, word_t tag)
{
	struct core *core = core_self();
	const struct memo *through = &t->sends;
	struct thread *server;

	if (!known(through, to))
		return call_unknown(core, t, to, tag);
	server = through->endpoint->receivers.only;
	if (!server || is_rare(core, t, server))
		return call_rarely(core, t, through, tag);

	/* No return from here. */
	queue_remove_only(&through->endpoint->receivers, &server->link);
	hand_over(t, server);
	return go_on(core, t, server, through->badge, tag);
}

/* ---- answer and receive ---- */

/* The caller gets its context back; the server goes on with its own, or with nothing, and waits for the next. */
static inline void hand_back(struct thread *t, struct thread *caller, struct endpoint *e)
{
	struct context *c = t->active, *own = t->own;

	t->reply.object = 0;
	caller->reply_place = NULL;
	c->lender = caller->lender_below;
	caller->lender_below = NULL;
	caller->lent = NULL;
	caller->active = c;
	c->user = caller;
	t->active = own && own->user == t ? own : NULL;
	t->inherited = 0;
	t->effective = t->priority;
	t->state = THREAD_RECEIVING;
	queue_insert_only(&e->receivers, t, &t->link);
}

static __attribute__((noinline)) hal_next_t answer_rarely(struct core *core, struct thread *t, struct thread *caller, word_t tag)
{
	const struct memo *from = &t->receives;

	if (is_general(core, t, caller, tag))
		return general(t, HANDLE_REPLY, from->handle, tag);
	hand_back(t, caller, from->endpoint);
	return go_on_rarely(core, t, caller, 0, tag, from->handle);
}

static __attribute__((noinline)) hal_next_t answer_unknown(struct core *core, struct thread *t, handle_t from, word_t tag)
{
	uint64_t object;

	if (find(core, t, &t->receives, from, RIGHT_RECEIVE, &object))
		return core_ipc(HANDLE_REPLY, from, tag, &t->frame);
	return general(t, HANDLE_REPLY, from, tag);
}

/* The caller, if nobody else is to be thought of. */
static inline struct thread *answerable(const struct core *core, const struct thread *t)
{
	struct thread *caller = reply_caller(&t->reply);
	const struct endpoint *e = t->receives.endpoint;

	if (e->senders.first || e->receivers.first)
		return NULL;
	/* Who lent the context that runs is of the context's core, which is this one. */
	if (!caller || caller != t->active->lender || caller->state != THREAD_CALLING || (t->own && t->own->core != core->number))
		return NULL;
	return core->highest > caller->effective ? NULL : caller;
}

static inline hal_next_t answer(struct thread *t, handle_t from, word_t tag)
{
	struct core *core = core_self();
	struct thread *caller;

	if (!known(&t->receives, from))
		return answer_unknown(core, t, from, tag);
	caller = answerable(core, t);
	if (!caller)
		return general(t, HANDLE_REPLY, from, tag);
	if (is_rare(core, t, caller))
		return answer_rarely(core, t, caller, tag);

	/* No return from here. */
	hand_back(t, caller, t->receives.endpoint);
	return go_on(core, t, caller, 0, tag);
}

/* ---- all ---- */

/* With words in the message buffer, too, or with anything else. */
static __attribute__((noinline)) hal_next_t ipc_long(struct thread *t, word_t to, word_t from, word_t tag)
{
	struct core *core = core_self();
	word_t flags = tag & ~(TAG_LABEL | TAG_WORDS_MASK);
	struct thread *caller;

	if (flags == TAG_CALL && from == HANDLE_NONE)
		return known(&t->sends, to) ? call_rarely(core, t, &t->sends, tag) : call_unknown(core, t, to, tag);
	if (flags || to != HANDLE_REPLY)
		return general(t, to, from, tag);
	if (!known(&t->receives, from))
		return answer_unknown(core, t, from, tag);
	caller = answerable(core, t);
	return caller ? answer_rarely(core, t, caller, tag) : general(t, to, from, tag);
}

hal_next_t core_ipc(word_t to, word_t from, word_t tag, struct hal_frame *f)
{
	struct thread *t = thread_of(f);
	word_t plain = tag & ~TAG_LABEL;

	if (plain - TAG_CALL <= MESSAGE_REGISTERS && from == HANDLE_NONE)
		return call(t, to, tag);
	if (plain <= MESSAGE_REGISTERS && to == HANDLE_REPLY)
		return answer(t, from, tag);
	return ipc_long(t, to, from, tag);
}
