/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path, between threads of one core: call, and answer-and-receive, with words only; signal, wait, yield; faults, and the answers that
 * let their threads go on. One source for all processors. First come all checks; whatever is not plain leaves for the general path
 * (ipc.c, fault.c) with nothing changed. Then, behind the point of no return, only stores. It touches no timer, and takes no lock but for the
 * pages that answer a fault.
 * Calls, faults and answers read no clock either: time goes on being charged to the context that is lent and comes back.
 *
 * w0..w7 are in registers that a C function preserves, so they arrive by not being touched. Functions that core_ipc() ends with take what
 * it takes in its order: so nothing is moved on the way there.
 */
#include "kernel/context.h"
#include "kernel/delivery.h"
#include "kernel/fault.h"
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

/* A function that is called where it stands, with what it is given where it was. */
#if !__has_attribute(noclone)
#define noclone noinline
#endif
#define APART __attribute__((noinline, noclone))

/* One that is part of whoever uses it, however many there are. */
#define HERE static inline __attribute__((always_inline))

/* Nothing came: the thread goes on with what it had in the words. */
static inline hal_next_t done(struct thread *t, word_t status)
{
	return hal_next((uintptr_t)&t->frame | HAL_DONE, status);
}

static inline hal_next_t general(struct thread *t, word_t to, word_t from, word_t tag)
{
	hal_message_head(&t->frame, to, from, tag);
	return hal_next((uintptr_t)&t->frame | HAL_GENERAL, 0);
}

/* ---- handles ---- */

/* Does the memo tell what the handle means? It then did so a moment ago, like any look-up without the lock. The count is one aligned word:
   a volatile load is whole, is done each time, and may be an operand of the comparison. */
HERE bool known(const struct memo *memo, handle_t handle)
{
	return memo->handle == handle && memo->emptied == *(volatile uint64_t *)&capability_emptied;
}

/* The same for a Notification: the count is inverted, so that one is never taken for an Endpoint, whatever handle user level names. */
HERE bool known_notification(const struct memo *memo, handle_t handle)
{
	return memo->handle == handle && memo->emptied == ~*(volatile uint64_t *)&capability_emptied;
}

/*
 * Looks for an Endpoint or Notification of this core behind a handle of the thread, with the right. It is not being torn down: then no
 * handle would name it any more, and that is done on its own core. False: there is none.
 */
static bool find(const struct core *core, const struct thread *t, struct memo *memo, handle_t handle, enum kind kind, uint8_t right)
{
	struct capability_view view = {.object = 0};
	const struct object *object;
	uint64_t emptied;
	bool there = space_view_at(t->space, handle, &view, &emptied), badged = view.flags & CAPABILITY_BADGED;

	if (!there || view_kind(&view) != kind || !(view.rights & right))
		return false;
	object = view_object(&view);
	if (object->home != core->number || (memo == &t->receives && badged))
		return false;
	*memo = (struct memo){.handle = handle, .emptied = emptied, .endpoint = view_object(&view), .badge = view.badge};
	if (kind == KIND_NOTIFICATION) {
		memo->emptied = ~emptied;
		memo->badge = badged ? view.badge : UINT32_MAX;
	}
	return true;
}

/* ---- conditions ---- */

/* Something that the thread's bound Notification has for it, or may not have at the same time. */
HERE bool notified(const struct core *core, const struct thread *t)
{
	const struct notification *n = t->notification;

	return n && (n->bits || n->broken || n->object.home != core->number);
}

/* Can words that are not in registers go from buffer to buffer? */
HERE bool buffered(const struct thread *from, const struct thread *to, word_t words)
{
	return words <= MESSAGE_WORDS && from->buffer && to->buffer;
}

/* ---- the end: the thread goes on with its message ---- */

static APART hal_next_t go_on_with_new_asid(struct core *core, struct thread *t, hal_next_t next)
{
	space_activate(t->space); /* while it waits for the lock, another core may have this one leave the old Space */
	core->active_space = t->space;
	return next;
}

HERE hal_next_t go_on_in(struct core *core, struct thread *t, hal_next_t next)
{
	struct space *space = t->space;

	if (core->active_space == space)
		return next;
	if (!space_is_known(space))
		return go_on_with_new_asid(core, t, next);
	core->active_space = space;
	hal_space_switch(space->translation);
	return next;
}

HERE hal_next_t go_on_with(struct core *core, const struct thread *from, struct thread *t, hal_next_t next)
{
	t->state = THREAD_READY;
	core->current = core->loaded = t;
	hal_thread_switch_plain(&from->frame, &t->frame);
	return go_on_in(core, t, next);
}

HERE hal_next_t go_on(struct core *core, const struct thread *from, struct thread *t, word_t badge, word_t tag)
{
	return go_on_with(core, from, t, hal_next((uintptr_t)&t->frame, hal_message_received(&t->frame, badge, tag)));
}

/*
 * What is possible on the fast path but rare has functions of its own, called at the very end of the others, which so save no registers
 * for them: words behind those in registers, FP state, bound Notifications, tracing, receivers that queue.
 */
HERE bool is_rare(const struct core *core, const struct thread *from, const struct thread *to)
{
	return COBNUT_CHECK || from->rare | to->rare | core->rare;
}

/* The last of what can keep it off the fast path altogether. */
static bool is_general(const struct core *core, const struct thread *from, const struct thread *to, word_t tag)
{
	return to->rare & RARE_RECALL || (from->rare | to->rare) & RARE_DEBUG || notified(core, from) ||
	       (tag_words(tag) > MESSAGE_REGISTERS && !buffered(from, to, tag_words(tag)));
}

/* handle: what a call goes through, or what is received from behind an answer. */
static hal_next_t go_on_rarely_with(struct core *core, struct thread *from, struct thread *t, word_t badge, word_t tag, handle_t handle, hal_next_t next)
{
	bool calls = tag & TAG_CALL;

	if (core->traced) {
		trace(TRACE_IPC_FAST, (uint32_t)tag, from, NULL, calls ? handle : HANDLE_REPLY, calls ? HANDLE_NONE : handle);
		trace(TRACE_MESSAGE, (uint32_t)tag, from, t, badge, !calls);
		if (traced(TRACE_SWITCH))
			trace_switch(t);
	}
	if (core->fpu_owned || t->rare & RARE_FPU)
		fpu_switch(t);
	next = go_on_with(core, from, t, next);
	if (COBNUT_CHECK)
		check_exit();
	return next;
}

static hal_next_t go_on_rarely(struct core *core, struct thread *from, struct thread *t, word_t badge, word_t tag, handle_t handle)
{
	if (tag_words(tag) > MESSAGE_REGISTERS)
		message_copy(t->buffer, from->buffer, tag_words(tag));
	return go_on_rarely_with(core, from, t, badge, tag, handle, hal_next((uintptr_t)&t->frame, hal_message_received(&t->frame, badge, tag)));
}

/* ---- call ---- */

/* The server gets the right to answer, and the caller's context. */
HERE void hand_over(struct thread *t, struct thread *server, enum thread_state state)
{
	struct context *c = t->active;

	t->state = (uint8_t)state;
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

static APART hal_next_t call_rarely(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	const struct memo *through = &t->sends;
	struct thread *server = through->endpoint->receivers.first;

	if (!server || is_general(core, t, server, tag))
		return general(t, to, from, tag);
	queue_remove(server);
	t->continuation = CONTINUE_NONE;
	hand_over(t, server, THREAD_CALLING);
	return go_on_rarely(core, t, server, through->badge, tag, to);
}

static APART hal_next_t call_known(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	if (find(core, t, &t->sends, to, KIND_ENDPOINT, RIGHT_SEND))
		return core_ipc(to, from, tag, &t->frame, core, 0);
	return general(t, to, from, tag);
}

static APART hal_next_t refuse_traced(handle_t to, handle_t from, word_t tag, struct thread *t)
{
	trace(TRACE_IPC_FAST, (uint32_t)tag, t, NULL, to, from);
	return done(t, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
}

/* Nothing is known of the handle: then it is, or there is no such Endpoint, or there is nothing in the slot. */
static APART hal_next_t call_unknown(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	(void)from; /* HANDLE_NONE: it keeps the others where they are, and nobody loads what is not read */
	if (to - 1 >= HANDLE_REPLY - 1 || space_lookup(t->space, to))
		return call_known(to, HANDLE_NONE, tag, t, core);
	if (t->continuation)
		return general(t, to, HANDLE_NONE, tag);
	return core->traced ? refuse_traced(to, HANDLE_NONE, tag, t) : done(t, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
}

/* The handle is known. more: there are words that are not in registers. */
HERE hal_next_t call(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core, bool more)
{
	const struct memo *through = &t->sends;
	struct thread *server = through->endpoint->receivers.only;

	if (!server || is_rare(core, t, server) || (more && !buffered(t, server, tag_words(tag))))
		return call_rarely(to, from, tag, t, core);

	/* No return from here. */
	if (more)
		message_copy(server->buffer, t->buffer, tag_words(tag));
	queue_remove_only(&through->endpoint->receivers, &server->link);
	t->continuation = CONTINUE_NONE;
	hand_over(t, server, THREAD_CALLING);
	return go_on(core, t, server, through->badge, tag);
}

/* ---- answer and receive ---- */

/* The caller gets its context back; the server goes on with its own, or with nothing, and waits for the next. */
HERE void hand_back(struct thread *t, struct thread *caller, struct endpoint *e)
{
	struct context *c = t->active, *own = t->own;

	t->reply.object = 0;
	caller->reply_place = NULL;
	c->lender = caller->lender_below;
	caller->lent = NULL;
	caller->active = c;
	c->user = caller;
	if (own && own->user != t)
		own = NULL;
	t->active = own;
	t->inherited = 0;
	t->effective = t->priority;
	t->state = THREAD_RECEIVING;
	queue_insert_only(&e->receivers, t, &t->link);
}

static APART hal_next_t answer_rarely(struct core *core, struct thread *t, struct thread *caller, word_t tag)
{
	const struct memo *from = &t->receives;

	if (is_general(core, t, caller, tag))
		return general(t, HANDLE_REPLY, from->handle, tag);
	hand_back(t, caller, from->endpoint);
	return go_on_rarely(core, t, caller, 0, tag, from->handle);
}

static APART hal_next_t answer_unknown(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	if (find(core, t, &t->receives, from, KIND_ENDPOINT, RIGHT_RECEIVE))
		return core_ipc(to, from, tag, &t->frame, core, 0);
	return general(t, to, from, tag);
}

/* The caller, if nobody else is to be thought of. */
HERE struct thread *answerable(const struct core *core, const struct thread *t)
{
	struct thread *caller = t->active->lender;
	const struct endpoint *e = t->receives.endpoint;

	if (e->senders.first || e->receivers.first)
		return NULL;
	/* Who lent the context that runs is of the context's core, which is this one. */
	if (!caller || t->reply.object != object_word(caller, KIND_REPLY) || (t->own && t->own->core != core->number))
		return NULL;
	return core->highest > caller->effective ? NULL : caller;
}

/* Maps what comes with the answer to a page fault. False: nothing was changed, and the general path says why. */
static bool maps(struct thread *t, struct thread *caller, word_t tag)
{
	struct delivery d = {.from = t, .to = caller, .tag = tag};
	bool mapped;

	if (caller->fault.label != LABEL_PAGE_FAULT || tag_items(tag) > MESSAGE_ITEMS || !t->buffer)
		return false;
	lock_take();
	mapped = (tag_items(tag) == 1 && deliver_page(t, caller)) || !deliver_fault_items(&d);
	lock_give();
	return mapped;
}

static APART hal_next_t answer_fault_rarely(struct thread *caller, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	hal_next_t next = hal_next((uintptr_t)&caller->frame | HAL_RESUME, 0);
	bool rare = is_rare(core, t, caller);

	if (tag_words(tag) > MESSAGE_REGISTERS || (rare && is_general(core, t, caller, tag)) || (tag_items(tag) && !maps(t, caller, tag)))
		return general(t, HANDLE_REPLY, from, tag);
	caller->fault.label = 0;
	hand_back(t, caller, t->receives.endpoint);
	return rare ? go_on_rarely_with(core, t, caller, 0, tag, from, next) : go_on_with(core, t, caller, next);
}

/* Of an answer's tag: it may have more than words in registers. */
#define ANSWER_MORE (tag_make(0, 0, TAG_ITEMS_MASK) | (TAG_WORDS_MASK & -(word_t)MESSAGE_REGISTERS))

/* The answer to a fault: the thread just goes on. It is not stopped by it, so but for items no lock is needed. */
static APART hal_next_t answer_fault(struct thread *caller, handle_t from, word_t tag, struct thread *t, struct core *core)
{
	if (caller->state != THREAD_FAULTED || tag_label(tag) != ANSWER_RETRY)
		return general(t, HANDLE_REPLY, from, tag);
	if (is_rare(core, t, caller) || tag & ANSWER_MORE)
		return answer_fault_rarely(caller, from, tag, t, core);
	caller->fault.label = 0;
	hand_back(t, caller, t->receives.endpoint);
	return go_on_with(core, t, caller, hal_next((uintptr_t)&caller->frame | HAL_RESUME, 0));
}

/* more: there are such words, or items. */
HERE hal_next_t answer(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core, bool more)
{
	struct thread *caller;

	if (!known(&t->receives, from))
		return answer_unknown(to, from, tag, t, core);
	caller = answerable(core, t);
	if (!caller)
		return general(t, to, from, tag);
	if (caller->state != THREAD_CALLING || (more && tag_items(tag)))
		return answer_fault(caller, from, tag, t, core);
	if (is_rare(core, t, caller) || (more && !buffered(t, caller, tag_words(tag))))
		return answer_rarely(core, t, caller, tag);

	/* No return from here. */
	if (more)
		message_copy(caller->buffer, t->buffer, tag_words(tag));
	hand_back(t, caller, t->receives.endpoint);
	return go_on(core, t, caller, 0, tag);
}

/* ---- the next thread ---- */

/* Has it nothing to do but to go on where it was, with time that nobody measures out? */
HERE bool goes_on(const struct core *core, const struct thread *t)
{
	const struct context *c = t->active;

	return !t->pending && c && c->core == core->number && !c->away && c->budget == UINT64_MAX && !(core->rare | t->rare);
}

/* The current thread blocked, or is in a ready queue: core_resume() in the usual case, without all questions that have no other answer then. */
static APART hal_next_t next(struct core *core)
{
	struct thread *t = core->ready[core->highest & (PRIORITIES - 1)];
	uint64_t now;

	if (core->highest < 0 || !goes_on(core, t) || core->budget_end != UINT64_MAX) {
		core->current = NULL;
		return hal_next((uintptr_t)core_resume() | HAL_RESUME, 0);
	}
	ready_remove(core, t);
	now = hal_clock();
	core->charged->consumed += now - core->charged_since; /* without a budget that could end, like what is charged from now on */
	core->charged_since = now;
	core->charged = t->active;
	core->current = core->loaded = t;
	hal_thread_switch(&t->frame);
	if (COBNUT_CHECK)
		check_exit();
	return go_on_in(core, t, hal_next((uintptr_t)&t->frame | HAL_RESUME, 0));
}

/* The same for the current thread, which is ready and goes behind those of its priority if its turn is over. */
static APART hal_next_t preempted(word_t badge, bool turn_over, word_t tag, struct thread *t, struct core *core)
{
	static const word_t none[MESSAGE_REGISTERS];

	hal_message_store(&t->frame, status_make(OK, tag ? PHASE_RECEIVE : PHASE_SEND, 0), badge, tag, none);
	ready_insert(core, t);
	if (!turn_over)
		core->ready[t->effective] = t; /* the last of a circle is the one before the first */
	return next(core);
}

/* The current thread goes on, unless somebody of a higher priority is ready now, or of the same while its turn is over. */
HERE hal_next_t done_or_preempted(word_t badge, bool turn_over, word_t tag, struct thread *t, struct core *core)
{
	if (core->highest >= t->effective + !turn_over)
		return preempted(badge, turn_over, tag, t, core);
	return tag ? hal_next((uintptr_t)&t->frame, hal_message_received(&t->frame, badge, tag)) : done(t, OK);
}

/* ---- signal, and wait ---- */

HERE void wake(struct core *core, struct notification *n, struct thread *waiter, uint32_t bits)
{
	queue_remove_only(&n->queue, &waiter->link);
	notification_deliver(waiter, bits);
	waiter->state = THREAD_READY;
	if (context_dispatchable(waiter, core->number))
		ready_insert(core, waiter);
}

static APART hal_next_t notify_unknown(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core, word_t bits)
{
	if ((to == HANDLE_NONE || find(core, t, &t->sends, to, KIND_NOTIFICATION, RIGHT_SIGNAL)) &&
	    (from == HANDLE_NONE || find(core, t, &t->receives, from, KIND_NOTIFICATION, RIGHT_WAIT)))
		return core_ipc(to, from, tag, &t->frame, core, bits);
	return general(t, to, from, tag);
}

/* Is there nothing more to think of? Else others wait for it, or are bound to it, or what the thread runs on was lent. */
HERE bool is_plain_signal(const struct notification *n, word_t bits)
{
	return bits <= UINT32_MAX && (n->queue.only || !(n->queue.first || n->bound));
}

HERE bool is_plain_wait(const struct notification *n, const struct thread *t)
{
	return n->bits || !(n->queue.first || t->active != t->own);
}

/* A signal through `to`, then a wait for `from`; one of them may be HANDLE_NONE. */
HERE hal_next_t notify(handle_t to, handle_t from, word_t tag, struct thread *t, struct core *core, word_t bits)
{
	struct notification *n, *awaited = NULL;

	if (from) {
		if (!known_notification(&t->receives, from))
			return notify_unknown(to, from, tag, t, core, bits);
		awaited = t->receives.notification;
		if (!is_plain_wait(awaited, t))
			return general(t, to, from, tag);
	}
	if (to) {
		if (!known_notification(&t->sends, to))
			return notify_unknown(to, from, tag, t, core, bits);
		n = t->sends.notification;
		if (!is_plain_signal(n, bits))
			return general(t, to, from, tag);
		bits &= t->sends.badge;
		if (!n->queue.only)
			n->bits |= (uint32_t)bits;
		else if (bits)
			wake(core, n, n->queue.only, (uint32_t)bits);
		if (!from)
			return done_or_preempted(0, false, 0, t, core);
	}
	if (awaited->bits)
		return done_or_preempted(notification_take(awaited), false, tag_make(LABEL_NOTIFICATION, 0, 0), t, core);
	t->state = THREAD_RECEIVING;
	queue_insert_only(&awaited->queue, t, &t->link);
	return next(core);
}

/* ---- faults ---- */

HERE void deliver_fault(struct thread *t, struct thread *server, const struct capability *binding, word_t tag)
{
	hand_over(t, server, THREAD_FAULTED);
	hal_message_store(&server->frame, status_make(OK, PHASE_RECEIVE, 0), binding->badge, tag, t->fault.word);
}

static APART struct hal_frame *fault_send_rarely(struct core *core, struct thread *t, const struct capability *binding, word_t tag)
{
	const struct endpoint *e = capability_object(binding);
	struct thread *server = e->receivers.first;

	if (!server || is_general(core, t, server, tag))
		return NULL;
	queue_remove(server);
	deliver_fault(t, server, binding, tag);
	(void)go_on_rarely_with(core, t, server, binding->badge, tag, HANDLE_NONE, 0);
	return &server->frame;
}

struct hal_frame *fault_send_fast(struct thread *t, const struct capability *binding, word_t tag)
{
	struct core *core = core_self();
	struct endpoint *e = capability_object(binding);
	struct thread *server;

	if (!e || e->object.home != core->number || e->object.dying)
		return NULL;
	server = e->receivers.only;
	if (!server || is_rare(core, t, server))
		return fault_send_rarely(core, t, binding, tag);
	queue_remove_only(&e->receivers, &server->link);
	deliver_fault(t, server, binding, tag);
	(void)go_on_with(core, t, server, 0);
	return &server->frame;
}

/* ---- all ---- */

/* ---- with words in the message buffer, or with items ---- */

static APART hal_next_t call_long(word_t to, word_t from, word_t tag, struct thread *t, struct core *core)
{
	return known(&t->sends, to) ? call(to, from, tag, t, core, true) : call_known(to, from, tag, t, core);
}

static APART hal_next_t answer_long(word_t to, word_t from, word_t tag, struct thread *t, struct core *core)
{
	return answer(to, from, tag, t, core, true);
}

/* What core_ipc() does not take: calls have words in the buffer, answers may have items. */
static APART hal_next_t ipc_long(word_t to, word_t from, word_t tag, struct thread *t, struct core *core)
{
	word_t flags = tag & ~(TAG_LABEL | TAG_WORDS_MASK);

	if (flags == TAG_CALL && from == HANDLE_NONE)
		return call_long(to, from, tag, t, core);
	if (flags == tag_make(0, 0, tag_items(tag)) && to == HANDLE_REPLY)
		return answer_long(to, from, tag, t, core);
	return general(t, to, from, tag);
}

/* Is it a signal (of one word), a wait, both, or none of them: a yield? */
HERE bool notifies(word_t to, word_t tag)
{
	return tag == tag_make(NOTIFICATION_SIGNAL, 1, 0) ? to != HANDLE_NONE : !(tag | to);
}

static APART hal_next_t ipc_short(word_t to, word_t from, word_t tag, struct thread *t, struct core *core, word_t w0)
{
	if (!notifies(to, tag))
		return ipc_long(to, from, tag, t, core);
	return to | from ? notify(to, from, tag, t, core, w0) : done_or_preempted(0, true, 0, t, core);
}

/* A traced core tells of what will be done behind here. */
static APART hal_next_t ipc_rarely(word_t to, word_t from, word_t tag, struct thread *t, struct core *core, word_t w0)
{
	const struct notification *n = known_notification(&t->sends, to) ? t->sends.notification : NULL;
	const struct notification *awaited = known_notification(&t->receives, from) ? t->receives.notification : NULL;

	if (core->fpu_owned | t->rare | t->continuation)
		return ipc_long(to, from, tag, t, core);
	if (notifies(to, tag) && (n ? is_plain_signal(n, w0) : !to) && (awaited ? is_plain_wait(awaited, t) : !from)) {
		trace(TRACE_IPC_FAST, (uint32_t)tag, t, NULL, to, from);
		if (n)
			trace(TRACE_SIGNAL, (uint32_t)(w0 & t->sends.badge), t, n->queue.only, 0, 0);
	}
	return ipc_short(to, from, tag, t, core, w0);
}

static APART hal_next_t ipc_other(word_t to, word_t from, word_t tag, struct thread *t, struct core *core, word_t w0)
{
	return core->rare | t->rare | t->continuation ? ipc_rarely(to, from, tag, t, core, w0) : ipc_short(to, from, tag, t, core, w0);
}

/* It begins with a cache line: so it, and what follows it, is in one less. */
__attribute__((aligned(64))) hal_next_t core_ipc(word_t to, word_t from, word_t tag, struct hal_frame *f, void *core, word_t w0)
{
	struct thread *t = thread_of(f);
	word_t plain = tag & ~TAG_LABEL;

	if (plain - TAG_CALL <= MESSAGE_REGISTERS && from == HANDLE_NONE)
		return known(&t->sends, to) ? call(to, from, tag, t, core, false) : call_unknown(to, from, tag, t, core);
	if (plain <= MESSAGE_REGISTERS && to == HANDLE_REPLY)
		return answer(to, from, tag, t, core, false);
	return ipc_other(to, from, tag, t, core, w0);
}
