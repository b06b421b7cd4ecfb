/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults as messages. */
#include "kernel/fault.h"
#include "kernel/ipc.h"
#include "kernel/pagetable.h"
#include "kernel/trace.h"

enum { FAULT_WORDS = 5 };

static inline struct capability *fault_binding(struct thread *t, word_t label)
{
	return &t->binding[label == LABEL_PAGE_FAULT ? BIND_PAGER : BIND_HANDLER];
}

/* Nobody takes the fault: the thread stops and the console says why, since nobody else will. */
static void unhandled(struct thread *t)
{
	const word_t *w = t->fault.word;
	bool page = t->fault.label == LABEL_PAGE_FAULT;

	lock_take();
	kprintf("cobnut: thread %lx stopped: %s %lu, address %lx, ip %lx, sp %lx, raw %lx: nobody handles it\n", (unsigned long)t->name,
		page ? "page fault, access" : "exception", w[page], w[!page], w[2], w[3], w[4]);
	t->fault.label = 0;
	thread_halt(t);
}

static word_t fault_tag(word_t label)
{
	return tag_make(label, FAULT_WORDS, 0) | TAG_CALL;
}

static void deliver_fault(struct thread *receiver, struct thread *t, word_t badge)
{
	hal_message_store(&receiver->frame, status_make(OK, PHASE_RECEIVE, 0), badge, fault_tag(t->fault.label), t->fault.word);
	trace(TRACE_MESSAGE, (uint32_t)fault_tag(t->fault.label), t, receiver, badge, 0);
	ipc_link_call(t, receiver);
}

bool fault_accept(struct thread *receiver, struct thread *t)
{
	struct capability *c = fault_binding(t, t->fault.label);

	if (!c->object) {
		unhandled(t);
		return false;
	}
	deliver_fault(receiver, t, c->badge);
	return true;
}

void fault_send(struct thread *t)
{
	struct capability *c = fault_binding(t, t->fault.label);
	struct endpoint *e = capability_object(c);
	struct thread *receiver;

	schedule_remove(t);
	t->state = THREAD_FAULTED;
	if (!e || e->object.dying) {
		unhandled(t);
		return;
	}
	if (e->object.home != hal_core_self()) {
		schedule_travel(t, e->object.home, PENDING_FAULT);
		return;
	}
	receiver = e->receivers.first;
	if (receiver) {
		queue_remove(receiver);
		deliver_fault(receiver, t, c->badge);
		schedule_ready_first(receiver);
	} else {
		queue_insert(&e->senders, t);
	}
}

static inline void fault_record(struct thread *t, word_t label, word_t first, word_t second, word_t raw)
{
	t->fault.label = label;
	t->fault.word[0] = first;
	t->fault.word[1] = second;
	t->fault.word[2] = hal_frame_ip(&t->frame);
	t->fault.word[3] = hal_frame_sp(&t->frame);
	t->fault.word[4] = raw;
	trace(label == LABEL_PAGE_FAULT ? TRACE_FAULT : TRACE_EXCEPTION, (uint32_t)raw, t, NULL, first, second);
}

void exception_raise(struct thread *t, enum exception kind, uintptr_t address, word_t raw)
{
	fault_record(t, LABEL_EXCEPTION, kind, address, raw);
	fault_send(t);
}

/* The current thread's fault, of a label that is known where it is called. Returns the frame to resume. */
static inline __attribute__((always_inline)) struct hal_frame *raise_current(struct thread *t, word_t label, word_t first, word_t second, word_t raw)
{
	struct hal_frame *next;

	fault_record(t, label, first, second, raw);
	next = fault_send_fast(t, fault_binding(t, label), fault_tag(label));
	if (next)
		return next;
	fault_send(t);
	return core_resume();
}

struct hal_frame *core_exception(struct hal_frame *f, enum exception kind, uintptr_t address, word_t raw)
{
	struct thread *t = thread_of(f);

	ASSERT(t == core_self()->current);
	return raise_current(t, LABEL_EXCEPTION, kind, address, raw);
}

struct hal_frame *core_page_fault(struct hal_frame *f, uintptr_t address, unsigned access, word_t raw)
{
	struct thread *t = thread_of(f);

	ASSERT(t == core_self()->current);
	if (address >= pagetable_top())
		return core_exception(f, EXCEPTION_ADDRESS, address, raw);
	if ((pagetable_access(t->space, address) & access) == access)
		return core_resume();
	return raise_current(t, LABEL_PAGE_FAULT, address, access, raw);
}

enum error fault_answer(struct delivery *d, const word_t w[MESSAGE_REGISTERS])
{
	struct thread *t = d->to;
	word_t label = tag_label(d->tag);
	enum error error;

	if (label > ANSWER_STOP || (tag_items(d->tag) && (label != ANSWER_RETRY || t->fault.label != LABEL_PAGE_FAULT)))
		return ERROR_BAD_ARGUMENT;
	if (label == ANSWER_STOP)
		lock_take(); /* it may be destroyed as soon as it is stopped, but its Reply and what it lent come first */
	if (tag_items(d->tag)) {
		error = deliver_fault_items(d);
		if (error)
			return error;
	}
	if (label == ANSWER_SET) {
		hal_frame_set(&t->frame, w[0], w[1], w[2]);
		t->continuation = CONTINUE_NONE;
	}
	trace(TRACE_MESSAGE, (uint32_t)d->tag, d->from, t, 0, 1);
	t->fault.label = 0;
	t->state = THREAD_READY;
	if (label == ANSWER_STOP)
		thread_halt(t);
	return OK;
}
