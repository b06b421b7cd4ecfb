/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread: registers, bindings, state.
 *
 * State and queues: READY threads are the current one, or in a ready queue, or wait for a scheduling
 * context (active == NULL). SENDING and FAULTED threads may be in an Endpoint's queue, RECEIVING ones in
 * an Endpoint's or a Notification's: then the home core of that owns them. CALLING and FAULTED threads that were received have reply_place set.
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "kernel/capability.h"
#include "kernel/cores.h"
#include "kernel/queue.h"

struct context;
struct endpoint;
struct notification;

enum thread_binding { BIND_SPACE, BIND_PAGER, BIND_HANDLER, BIND_CONTEXT, BIND_BUFFER, BIND_NOTIFICATION, BIND_FPU, BINDINGS, BIND_INTERRUPT, BIND_TRACE };

/* What an interrupted system call goes on with. It belongs to the trap that ip is at: who changes the registers ends it. */
enum continuation {
	CONTINUE_NONE,
	CONTINUE_TEARDOWN, /* the call runs again: only the tear-down list is left to do */
	CONTINUE_MAP,      /* the call runs again: the mapping is its own, half done */
	CONTINUE_REVOKE,   /* the call runs again: the range cursor tells where it was */
	CONTINUE_UNDO,     /* the call runs again: a mapping that did not fit is being taken back */
};

/* What the thread does when it is dispatched, before it sees user level again. */
enum pending {
	PENDING_NONE,
	PENDING_CALL,    /* its system call, from the beginning: it was preempted, or came here for it */
	PENDING_RECEIVE, /* the receive phase: the send phase is done */
	PENDING_FAULT,   /* its fault is to be sent from here */
	PENDING_BORROW,  /* a server comes to the core of the context that its caller lends */
};

/* A fault or exception that waits to be sent or answered. */
struct fault {
	word_t label; /* LABEL_PAGE_FAULT or LABEL_EXCEPTION; 0: none */
	word_t word[MESSAGE_REGISTERS]; /* of the message; those behind FAULT_WORDS are zero */
};

/* What keeps a thread off the shortest way through ipc. */
enum rare {
	RARE_RECALL = 1,       /* it is to send the exception `recalled` */
	RARE_FPU = 2,          /* binding[BIND_FPU] has FP and vector state */
	RARE_NOTIFICATION = 4, /* a Notification is bound to it */
	RARE_DEBUG = 8,        /* it was stepped or had debug points, by others or by itself */
};

/* What a handle was found to mean when the fast path looked it up: an Endpoint or a Notification of the thread's core, with the right
   that is needed. That holds as long as capability_emptied, the thread's Space and its core are the same. */
struct memo {
	word_t handle;
	uint64_t emptied; /* what capability_emptied was, inverted for a Notification; 0: nothing is known */
	union {
		struct endpoint *endpoint;
		struct notification *notification;
	};
	word_t badge; /* Notification: the bits that may be signalled */
};

/* What the fast path of ipc needs comes first: two cache lines behind the frame. */
struct thread {
	struct hal_frame frame; /* first: the HAL's assembly saves into it */
	uint8_t state;     /* enum thread_state */
	uint8_t continuation; /* enum continuation; side by side, for both are stored at once */
	uint8_t priority;  /* its own */
	uint8_t inherited; /* its caller's at the call, while it serves */
	uint8_t effective; /* the higher of both */
	uint8_t core; /* its owner */
	bool in_mail; /* on its way there */
	bool ready_queued;
	word_t rare; /* enum rare; a whole word: that costs least */
	struct space *space;    /* = binding[BIND_SPACE] */
	struct context *active; /* what it runs on; NULL: nothing */
	struct context *lent;   /* what it lent with the call that it waits for, if it can still claim it */
	struct thread *lender_below; /* who lent that before; only while `lent` is set */
	struct context *own;    /* = binding[BIND_CONTEXT] */
	struct notification *notification; /* = binding[BIND_NOTIFICATION] */
	struct memo sends, receives;
	struct capability *reply_place; /* where the right to answer it lies, while it waits for an answer */
	struct capability reply;        /* its own record: the caller that it serves */
	struct buffer *buffer;  /* = binding[BIND_BUFFER], kernel address */
	uint8_t pending;
	bool no_time_fault;
	struct queue_link link;
	struct mail mail;
	struct fault fault;
	uint64_t name;
	struct capability binding[BINDINGS];
};

/* Circles of threads, for wait queues and ready queues: behind all others. */
static inline void circle_insert(struct thread *first, struct thread *t)
{
	struct thread *last = first->link.previous;

	t->link.next = first;
	t->link.previous = last;
	first->link.previous = last->link.next = t;
}

/* True: nobody is left. */
static inline bool circle_remove(struct thread **head, struct thread *t)
{
	struct thread *next = t->link.next, *previous = t->link.previous;

	if (next == t) {
		*head = NULL;
		return true;
	}
	next->link.previous = previous;
	previous->link.next = next;
	if (*head == t)
		*head = next;
	t->link.next = t->link.previous = t;
	return false;
}

/* Some bits are written by the thread's core, some by that of its Notification. */
static inline void thread_set_rare(struct thread *t, enum rare what)
{
	__atomic_fetch_or(&t->rare, (word_t)what, __ATOMIC_RELAXED);
}

static inline void thread_clear_rare(struct thread *t, enum rare what)
{
	__atomic_fetch_and(&t->rare, ~(word_t)what, __ATOMIC_RELAXED);
}

/* Its Space or its core will be another one. */
static inline void thread_forget(struct thread *t)
{
	t->sends.emptied = t->receives.emptied = 0;
}

static inline struct thread *thread_of(struct hal_frame *f)
{
	return (struct thread *)(void *)f;
}

/* Its owner, as of this moment. What the thread was when it was sent there can be seen. */
static inline unsigned thread_core(const struct thread *t)
{
	return __atomic_load_n(&t->core, __ATOMIC_ACQUIRE);
}

/* Does this core own it? Then that stays so until this core gives it away. Else the answer may be old when it is used. */
static inline bool thread_here(const struct thread *t)
{
	return thread_core(t) == hal_core_self() && !t->in_mail;
}

/* Is it stopped, and no core has anything of it any more? */
static inline bool thread_stopped(const struct thread *t)
{
	return __atomic_load_n(&t->state, __ATOMIC_ACQUIRE) == THREAD_STOPPED;
}

/* Makes a stopped thread in zeroed memory. */
struct thread *thread_make(void *memory);

/* Binds a derivation of c (already checked) in the given place; what was bound there is unbound first. Buffer: at `offset`. */
void thread_bind(struct thread *t, enum thread_binding place, struct capability *c, word_t offset);

/* Undoes a binding: on request, when it is revoked, when the thread dies. */
void thread_unbind(struct thread *t, enum thread_binding place);

/* Ends whatever the thread waits for, without waking it: out of queues, Reply and loan undone. */
void thread_detach(struct thread *t);

/* Ends a blocked ipc with an error and lets the thread go on; a faulted thread is stopped instead. */
void thread_wake_error(struct thread *t, enum error error);

/* What this core still has of it outside of its memory is put back: it may go on on another core, or end there. */
void thread_unload(struct thread *t);

/* It is stopped from now on. The lock is held, for others take a stopped thread apart under it. */
void thread_halt(struct thread *t);

/* Stops it. A blocked ipc ends with aborted. */
void thread_stop(struct thread *t);

/* Ends the thread: everything that it holds or that waits for it is undone; then its memory may be reused. False: something
   must be undone on another core first (schedule_elsewhere() was told); call again there. */
bool thread_destroy(struct thread *t);

/* Is the thread waiting inside `ipc` (not for the answer to a fault)? */
static inline bool thread_in_ipc(const struct thread *t)
{
	return t->state == THREAD_SENDING || t->state == THREAD_RECEIVING || t->state == THREAD_CALLING;
}

/* The phase of `ipc` that the thread is blocked in. */
static inline enum phase thread_phase(const struct thread *t)
{
	return t->state == THREAD_SENDING ? PHASE_SEND : PHASE_RECEIVE;
}

#endif
