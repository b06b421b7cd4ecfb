/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: ready queues, time slices, the choice of the next thread, and the way out of the kernel.
 * All of it is per core and takes no lock.
 */
#include "kernel/trace.h"
#include "check/check.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/fpu.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/space.h"

enum { SLICES_PER_SECOND = 100, TIMER_PER_SECOND_MAX = 100000 };

struct core cores[HAL_CORES_MAX];

/* ---- ready queues ---- */

void schedule_ready(struct thread *t)
{
	struct core *core = core_self();

	t->state = THREAD_READY;
	if (t->ready_queued || t == core->current || !context_dispatchable(t, core->number))
		return;
	ASSERT(!t->link.queue && t->core == hal_core_self());
	ready_insert(core, t);
}

void schedule_ready_first(struct thread *t)
{
	schedule_ready(t);
	if (t->ready_queued)
		core_self()->ready[t->effective] = t; /* the last of a circle is the one before the first */
}

void schedule_remove(struct thread *t)
{
	if (t->ready_queued)
		ready_remove(core_self(), t);
}

void schedule_priority(struct thread *t, uint8_t own, uint8_t inherited)
{
	struct wait_queue *queue = t->link.queue;
	uint8_t effective = inherited > own ? inherited : own;
	bool ready = t->ready_queued;

	t->priority = own;
	t->inherited = inherited;
	if (t->effective == effective)
		return;
	if (queue)
		queue_remove(t);
	schedule_remove(t);
	t->effective = effective;
	if (queue)
		queue_insert(queue, t);
	else if (ready)
		schedule_ready(t);
}

/* ---- travel ---- */

void schedule_travel(struct thread *t, unsigned target, enum pending pending)
{
	struct core *core = core_self();

	schedule_remove(t);
	thread_unload(t);
	thread_forget(t);
	if (core->current == t)
		core->current = NULL;
	t->state = THREAD_READY;
	t->pending = (uint8_t)pending;
	t->in_mail = true;
	__atomic_store_n(&t->core, (uint8_t)target, __ATOMIC_RELEASE);
	mail_send(target, &t->mail);
}

void schedule_arrived(struct thread *t)
{
	__atomic_store_n(&t->in_mail, false, __ATOMIC_RELEASE);
	schedule_ready(t);
}

void schedule_elsewhere(unsigned target)
{
	core_self()->elsewhere = (uint8_t)target;
}

bool schedule_leaves(void)
{
	return core_self()->elsewhere != CORE_NONE;
}

bool schedule_preempt(void)
{
	struct core *core = core_self();
	bool shared = cores_running() > 1;

	if (!core->current || core->current->state != THREAD_READY) {
		cores_answer();
		return false;
	}
	core->interrupted = false;
	lock_give();
	hal_preempt_window();
	if (!shared && !core->interrupted) {
		lock_take();
		return false;
	}
	trace(TRACE_PREEMPTION, 0, core->current, NULL, 0, 0);
	return true;
}

/* ---- timer ---- */

/* When the timer must come: the earliest of deadlines, end of the slice, end of the budget. What is due already, because it was left over, or
   comes soon waits for the pause to end. */
static uint64_t timer_next(const struct core *core)
{
	uint64_t next = deadline_first(core);

	if (core->slice_end < next)
		next = core->slice_end;
	if (core->budget_end < next)
		next = core->budget_end;
	return next < core->timer_soonest ? core->timer_soonest : next;
}

/* Reprograms the timer only if something is due earlier than what it is armed for. */
void schedule_timer(void)
{
	struct core *core = core_self();
	uint64_t next = timer_next(core);

	if (next < core->timer_armed) {
		core->timer_armed = next;
		hal_timer_set(next);
	}
}

static void begin_slice(void)
{
	core_self()->slice_end = hal_clock() + hal_clock_frequency() / SLICES_PER_SECOND;
	schedule_timer();
}

/* The shortest time from the end of one timer interrupt to the next: at least as long as it took (or a millisecond), so
   deadlines never have more than half of the processor, however slow it is. */
static uint64_t timer_pause(uint64_t took)
{
	uint64_t least = hal_clock_frequency() / TIMER_PER_SECOND_MAX, most = hal_clock_frequency() / 1000;

	if (took < least)
		return least;
	return took < most ? took : most;
}

void core_timer(void)
{
	struct core *core = core_self();
	uint64_t now = hal_clock(), end;

	trace(TRACE_TIMER, 0, core->current, NULL, 0, 0);
	core->interrupted = true;
	core->timer_armed = 0; /* what expires now must not arm it */
	if (core->budget_end != UINT64_MAX)
		schedule_recharge();
	deadline_expire(core, now);
	if (now >= core->slice_end) {
		core->slice_over = true;
		core->slice_end = now + hal_clock_frequency() / SLICES_PER_SECOND;
	}
	end = hal_clock();
	core->timer_soonest = end + timer_pause(end - now);
	core->timer_armed = timer_next(core);
	hal_timer_set(core->timer_armed);
}

void core_begin(void)
{
	struct core *core = core_number(hal_core_self());

	hal_core_set_data(core);
	core->number = hal_core_self();
}

void schedule_init(void)
{
	struct core *core = core_self();

	core->elsewhere = CORE_NONE;
	core->highest = -1;
	core->timer_armed = core->budget_end = UINT64_MAX;
	begin_slice();
}

/* ---- time ---- */

/* From now on time is charged to c. True: the time of the one before is spent, so others may have become ready. */
static bool charge_to(struct core *core, struct context *c)
{
	uint64_t now = hal_clock();
	struct context *old = core->charged;

	core->charged = NULL;
	core->budget_end = UINT64_MAX;
	if (old)
		context_charge(old, now - core->charged_since, now);
	core->charged_since = now;
	if (c && !c->spent) {
		core->charged = c;
		core->budget_end = context_begin(c, now);
		if (core->budget_end < core->timer_armed)
			schedule_timer();
	}
	return old && old->spent;
}

void schedule_recharge(void)
{
	struct core *core = core_self();

	charge_to(core, core->charged);
}

/* ---- the next thread ---- */

/* Waits until a thread is ready. Without one there is no slice to end. */
static __attribute__((noinline)) void idle(struct core *core)
{
	if (traced(TRACE_SWITCH))
		trace_switch(NULL);
	while (core->highest < 0) {
		core->slice_end = UINT64_MAX;
		charge_to(core, NULL);
		lock_give();
		schedule_timer();
		if (!mail_waiting(core))
			hal_core_idle();
		mail_receive();
	}
	begin_slice();
}

/* The thread to run next: the current one unless another has a higher priority or its turn came. */
static inline struct thread *choose(struct core *core)
{
	struct thread *t = core->current;

	core->current = NULL;
	if (t && t->state == THREAD_READY && context_dispatchable(t, core->number)) {
		if (core->highest < t->effective + !core->slice_over)
			return t;
		ready_insert(core, t);
		if (!core->slice_over)
			core->ready[t->effective] = t;
	}
	if (core->highest < 0)
		idle(core);
	t = core->ready[core->highest];
	ready_remove(core, t);
	return t;
}

static void do_pending(struct thread *t)
{
	static void (*const functions[])(struct thread *) = {
		[PENDING_CALL] = ipc_run, [PENDING_RECEIVE] = ipc_continue_receive, [PENDING_FAULT] = fault_send, [PENDING_BORROW] = context_borrow};
	enum pending pending = t->pending;

	t->pending = PENDING_NONE;
	functions[pending](t);
}

/* What must happen before the thread sees user level again. True: it may not be the one to run any more. */
static __attribute__((noinline)) bool rare_conditions(struct core *core, struct thread *t)
{
	if (t->pending)
		do_pending(t);
	else if (t->active->core != hal_core_self())
		schedule_travel(t, (unsigned)t->active->core, PENDING_NONE);
	else if (t->active->spent)
		exception_raise(t, EXCEPTION_NO_TIME, 0, 0);
	else if (t->active != core->charged && charge_to(core, t->active))
		return true;
	else if (t->rare & RARE_RECALL) {
		thread_clear_rare(t, RARE_RECALL);
		exception_raise(t, EXCEPTION_RECALLED, 0, 0);
	} else {
		return false;
	}
	return true;
}

/* Nothing must happen before, and its time is what is charged: then there is some left, and this is its core. */
static inline bool is_plain(const struct core *core, const struct thread *t)
{
	const struct context *c = t->active;

	return !t->pending && c && c == core->charged && !c->away && !(t->rare & RARE_RECALL);
}

static __attribute__((noinline)) struct hal_frame *resume_other(struct core *core)
{
	struct thread *t;

	do {
		if (core->current && core->current->state != THREAD_READY)
			core->current = NULL; /* without the lock, another core that owns it now may make it ready */
		if (core->locked)
			lock_give();
		if (mail_waiting(core))
			mail_receive();
		t = choose(core);
		core->current = t;
		core->slice_over = false;
	} while (!is_plain(core, t) && rare_conditions(core, t));
	ASSERT(t->space && t->active->user == t);
	if (core->active_space != t->space) {
		space_activate(t->space);
		core->active_space = t->space;
	}
	if (core->loaded != t) {
		if (traced(TRACE_SWITCH))
			trace_switch(t);
		hal_thread_switch(&t->frame);
		if (core->fpu_owned || t->rare & RARE_FPU)
			fpu_switch(t);
		core->loaded = t;
	}
	if (COBNUT_CHECK)
		check_exit();
	return &t->frame;
}

/* Most often the thread that came goes on. */
struct hal_frame *core_resume(void)
{
	struct core *core = core_self();
	struct thread *t = core->current;

	if (!t || t->state != THREAD_READY || core->highest >= t->effective + !core->slice_over || mail_waiting(core) || !is_plain(core, t) ||
	    core->loaded != t || core->active_space != t->space || COBNUT_CHECK)
		return resume_other(core);
	core->slice_over = false;
	if (core->locked)
		lock_give();
	return &t->frame;
}
