/* SPDX-License-Identifier: BSD-2-Clause */
/* Mailboxes, the lock, and asking all cores for something. */
#include "kernel/cores.h"
#include "kernel/bits.h"
#include "kernel/context.h"
#include "kernel/notification.h"
#include "kernel/revoke.h"
#include "kernel/space.h"
#include "kernel/trace.h"

static unsigned running = 1;

unsigned cores_running(void)
{
	return running;
}

/* ---- mailboxes (the reader owns `first`; a sender that exchanged `last` links its predecessor a moment later) ---- */

static void push(struct mailbox *box, struct mail *mail)
{
	struct mail *previous;

	__atomic_store_n(&mail->next, NULL, __ATOMIC_RELAXED);
	previous = __atomic_exchange_n(&box->last, mail, __ATOMIC_ACQ_REL);
	__atomic_store_n(&previous->next, mail, __ATOMIC_RELEASE);
}

void mail_send(unsigned core, struct mail *mail)
{
	trace(TRACE_MAIL, mail->kind, core_self()->current, NULL, core, 0);
	push(&core_number(core)->mailbox, mail);
	if (core == hal_core_self())
		return;
	if (core_self()->locked)
		core_self()->to_interrupt |= (uint32_t)1 << core; /* it is held up no longer than by what is done under the lock */
	else
		hal_ipi(core);
}

/* The oldest mail, or NULL: there is none, or its sender has not linked it yet (and will send an interrupt). */
static struct mail *pop(struct mailbox *box)
{
	struct mail *first = box->first, *next = __atomic_load_n(&first->next, __ATOMIC_ACQUIRE);

	if (first == &box->dummy) {
		if (!next)
			return NULL;
		box->first = first = next;
		next = __atomic_load_n(&first->next, __ATOMIC_ACQUIRE);
	}
	if (!next) {
		if (first != __atomic_load_n(&box->last, __ATOMIC_ACQUIRE))
			return NULL;
		push(box, &box->dummy); /* so that `first` can be taken */
		next = __atomic_load_n(&first->next, __ATOMIC_ACQUIRE);
		if (!next)
			return NULL;
	}
	box->first = next;
	return first;
}

static void handle(struct mail *mail)
{
	char *at = (char *)mail;

	trace(TRACE_MAIL, mail->kind, NULL, NULL, hal_core_self(), 1);
	switch (mail->kind) {
	case MAIL_THREAD:
		schedule_arrived((struct thread *)(void *)(at - offsetof(struct thread, mail)));
		break;
	case MAIL_SIGNAL:
		notification_collect((struct notification *)(void *)(at - offsetof(struct notification, mail)));
		break;
	case MAIL_BREAK:
		notification_break((struct notification *)(void *)(at - offsetof(struct notification, break_mail)));
		break;
	case MAIL_CONTEXT:
		context_stripping((struct context *)(void *)(at - offsetof(struct context, mail)));
		break;
	default:
		work_arrived(mail);
	}
}

void mail_receive(void)
{
	struct core *core = core_self();
	struct mail *mail;
	unsigned i;

	for (i = 0; i < MAILS_PER_PASS && (mail = pop(&core->mailbox)); i++)
		handle(mail);
	lock_give(); /* some take it */
	if (i == MAILS_PER_PASS && mail_waiting(core))
		hal_ipi(hal_core_self()); /* nothing else would tell of the rest */
}

/* ---- the lock ---- */

enum {
	PATIENCE = 200, /* looks at a free lock that nobody takes */
	AWAKE = 100,    /* looks at what another core has not done yet; as that may not be running itself, who waits sleeps then */
};

static struct {
	unsigned arrived, served, held;
	uint32_t asleep; /* who waits and wants hal_ipi() when it is given away */
} lock;

/* Sleeps unless the lock is given away meanwhile: either it is seen free here, or lock_give() sees the bit. */
static void lock_rest(void)
{
	uint32_t bit = (uint32_t)1 << hal_core_self();

	__atomic_fetch_or(&lock.asleep, bit, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&lock.held, __ATOMIC_SEQ_CST))
		hal_rest();
	__atomic_fetch_and(&lock.asleep, ~bit, __ATOMIC_RELAXED);
}

static __attribute__((noinline)) void interrupt_cores(uint32_t which)
{
	for (; which; which &= which - 1)
		hal_ipi(lowest_bit(which));
}

/* Those who arrived take turns. Whose turn it is may be a core that its own host does not run just now: then others do not wait. */
static inline __attribute__((always_inline)) bool lock_try(unsigned ticket, bool impatient)
{
	bool turn = (int)(__atomic_load_n(&lock.served, __ATOMIC_RELAXED) - ticket) >= 0;

	return (turn || impatient) && !__atomic_load_n(&lock.held, __ATOMIC_RELAXED) && !__atomic_exchange_n(&lock.held, 1, __ATOMIC_ACQUIRE);
}

static __attribute__((noinline)) void lock_wait(unsigned ticket)
{
	unsigned looks = 0, awake = 0;

	do {
		cores_answer();
		if (!__atomic_load_n(&lock.held, __ATOMIC_RELAXED))
			looks++;
		if (++awake < AWAKE)
			hal_relax();
		else
			lock_rest();
	} while (!lock_try(ticket, looks > PATIENCE));
}

void lock_take(void)
{
	struct core *core = core_self();
	unsigned ticket;

	if (core->locked)
		return;
	ticket = __atomic_fetch_add(&lock.arrived, 1, __ATOMIC_RELAXED);
	if (!lock_try(ticket, false))
		lock_wait(ticket);
	core->locked = true;
}

void lock_give(void)
{
	struct core *core = core_self();
	uint32_t wake = core->to_interrupt;

	if (!core->locked)
		return;
	core->locked = false;
	core->to_interrupt = 0;
	__atomic_store_n(&lock.served, lock.served + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&lock.held, 0, __ATOMIC_SEQ_CST);
	wake |= __atomic_load_n(&lock.asleep, __ATOMIC_SEQ_CST);
	if (wake)
		interrupt_cores(wake);
}

/* ---- asking all ---- */

/* The one request at a time: the lock is held by who asks. A core has answered when its bit is clear. */
static struct {
	struct sync what;
	uint32_t unanswered;
	uint32_t asleep; /* the bit of who asks, if it wants hal_ipi() with the last answer */
} request;

void cores_answer(void)
{
	struct core *core = core_self();
	uint32_t bit = (uint32_t)1 << hal_core_self();

	if (!(__atomic_load_n(&request.unanswered, __ATOMIC_ACQUIRE) & bit))
		return;
	if (core->active_space && (request.what.leave_any || core->active_space == request.what.leave)) {
		hal_space_none();
		core->active_space = NULL;
	}
	if (request.what.flush && request.what.leave_any)
		hal_tlb_flush_all();
	else if (request.what.flush)
		hal_tlb_flush(request.what.asid, request.what.address, request.what.length, request.what.tables);
	if (__atomic_fetch_and(&request.unanswered, ~bit, __ATOMIC_SEQ_CST) == bit)
		interrupt_cores(__atomic_load_n(&request.asleep, __ATOMIC_SEQ_CST));
}

void cores_sync(const struct sync *sync)
{
	unsigned self = hal_core_self();
	uint32_t others = (uint32_t)(((uint64_t)1 << running) - 1) & ~((uint32_t)1 << self);

	if (!others)
		return;
	ASSERT(core_self()->locked);
	request.what = *sync;
	__atomic_store_n(&request.unanswered, others, __ATOMIC_RELEASE);
	for (unsigned core = 0; core < running; core++)
		if (core != self)
			hal_ipi(core);
	for (unsigned looks = 1; __atomic_load_n(&request.unanswered, __ATOMIC_SEQ_CST); looks++) {
		if (looks == AWAKE)
			__atomic_store_n(&request.asleep, (uint32_t)1 << self, __ATOMIC_SEQ_CST);
		else if (looks > AWAKE)
			hal_rest();
		else
			hal_relax();
	}
	__atomic_store_n(&request.asleep, 0, __ATOMIC_RELAXED);
}

/* Mail is left to core_resume(): in a window it could destroy the thread whose operation is open. */
void core_ipi(void)
{
	core_self()->interrupted = true;
	cores_answer();
}

/* ---- start ---- */

struct hal_frame *core_secondary(void)
{
	core_begin();
	schedule_init();
	__atomic_store_n(&core_self()->arrived, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&core_number(0)->arrived, __ATOMIC_ACQUIRE))
		hal_relax();
	return core_resume();
}

/* A core that does not arrive in time is reported and left out, and so are those behind it: numbers have no gaps. */
void cores_start(void)
{
	unsigned count = hal_core_count();

	for (unsigned core = 1; core < count; core++) {
		uint64_t deadline = hal_clock() + hal_clock_frequency() * 2;
		bool started;

		mailbox_init(&core_number(core)->mailbox);
		started = hal_core_start(core);
		while (started && !__atomic_load_n(&core_number(core)->arrived, __ATOMIC_ACQUIRE) && hal_clock() < deadline)
			hal_relax();
		if (!__atomic_load_n(&core_number(core)->arrived, __ATOMIC_ACQUIRE)) {
			kprintf("cobnut: core %u does not start; %u cores run\n", core, core);
			break;
		}
		running = core + 1;
	}
	__atomic_store_n(&core_number(0)->arrived, true, __ATOMIC_RELEASE);
}

void mailbox_init(struct mailbox *box)
{
	box->first = box->last = &box->dummy;
	box->dummy.next = NULL;
}
