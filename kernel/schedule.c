/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: ready queues, time slices, the choice of the next thread, and the way out of the kernel.
 */
#include "kernel/schedule.h"
#include "kernel/bits.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/space.h"

enum { SLICES_PER_SECOND = 100, TIMER_PER_SECOND_MAX = 100000 };

struct core cores[HAL_CORES_MAX];

static void mark_ready(uint8_t priority, bool ready)
{
	uint64_t bit = (uint64_t)1 << (priority % 64);

	if (ready)
		core.ready_map[priority / 64] |= bit;
	else
		core.ready_map[priority / 64] &= ~bit;
}

/* The highest priority that is ready, or -1. */
static int highest_ready(void)
{
	for (int i = PRIORITIES / 64 - 1; i >= 0; i--)
		if (core.ready_map[i])
			return i * 64 + (int)highest_bit(core.ready_map[i]);
	return -1;
}

/* A thread whose budget is spent runs only far enough to get the exception that it asked for. */
static bool dispatchable(const struct thread *t)
{
	return t->active && (!t->active->spent || t->no_time_fault);
}

void schedule_ready(struct thread *t)
{
	t->state = THREAD_READY;
	if (!dispatchable(t) || t->ready_queued || t == core.current)
		return;
	ASSERT(!t->link.queue);
	circle_insert(&core.ready[t->effective], t);
	mark_ready(t->effective, true);
	t->ready_queued = true;
}

void schedule_ready_first(struct thread *t)
{
	schedule_ready(t);
	if (t->ready_queued)
		core.ready[t->effective] = t; /* the last of a circle is the one before the first */
}

void schedule_remove(struct thread *t)
{
	if (!t->ready_queued)
		return;
	circle_remove(&core.ready[t->effective], t);
	mark_ready(t->effective, core.ready[t->effective] != NULL);
	t->ready_queued = false;
}

void schedule_priority(struct thread *t, uint8_t effective)
{
	struct wait_queue *queue = t->link.queue;

	if (t->effective == effective)
		return;
	if (queue) {
		queue_remove(t);
		t->effective = effective;
		queue_insert(queue, t);
	} else if (t->ready_queued) {
		schedule_remove(t);
		t->effective = effective;
		schedule_ready(t);
	} else {
		t->effective = effective;
	}
}

void schedule_yield(struct thread *t)
{
	ASSERT(t == core.current);
	core.slice_over = true;
}

bool schedule_preempt(void)
{
	core.interrupted = false;
	hal_preempt_window();
	return core.interrupted && core.current && core.current->state == THREAD_READY;
}

/* The earliest of deadlines, end of the slice, end of the budget. */
static uint64_t next_event(void)
{
	uint64_t next = deadline_first(&core);

	if (core.slice_end < next)
		next = core.slice_end;
	return core.budget_end < next ? core.budget_end : next;
}

/* Reprograms the timer only if something is due earlier than what it is armed for. */
void schedule_timer(void)
{
	uint64_t next = next_event();

	if (next < core.timer_armed) {
		core.timer_armed = next;
		hal_timer_set(next);
	}
}

static void begin_slice(void)
{
	core.slice_end = hal_clock() + hal_clock_frequency() / SLICES_PER_SECOND;
	schedule_timer();
}

/* Deadlines that are due but were left over, or that come soon, wait for the shortest time between two interrupts. */
void core_timer(void)
{
	uint64_t now = hal_clock(), soonest = now + hal_clock_frequency() / TIMER_PER_SECOND_MAX, next;

	core.interrupted = true;
	schedule_recharge();
	core.timer_armed = 0; /* what expires now must not arm it */
	deadline_expire(&core, now);
	if (now >= core.slice_end) {
		core.slice_over = true;
		core.slice_end = now + hal_clock_frequency() / SLICES_PER_SECOND;
	}
	next = next_event();
	core.timer_armed = next < soonest ? soonest : next;
	hal_timer_set(core.timer_armed);
}

void schedule_init(void)
{
	core.timer_armed = core.budget_end = UINT64_MAX;
	begin_slice();
}

static bool runnable(const struct thread *t)
{
	return t && t->state == THREAD_READY && dispatchable(t);
}

/* From now on time is charged to c. */
static void charge_to(struct context *c)
{
	uint64_t now = hal_clock();
	struct context *old = core.charged;

	core.charged = NULL;
	core.budget_end = UINT64_MAX;
	if (old)
		context_charge(old, now - core.charged_since, now);
	core.charged_since = now;
	if (!c || c->spent)
		return;
	core.charged = c;
	core.budget_end = context_begin(c, now);
	schedule_timer();
}

void schedule_recharge(void)
{
	charge_to(core.charged);
}

/* Waits until a thread is ready. Without one there is no slice to end. */
static int idle(void)
{
	int priority;

	while ((priority = highest_ready()) < 0) {
		core.slice_end = UINT64_MAX;
		charge_to(NULL);
		schedule_timer();
		hal_core_idle();
	}
	begin_slice();
	return priority;
}

/* The thread to run next: the current one unless another has a higher priority or its turn came. */
static struct thread *choose(void)
{
	struct thread *t = core.current;
	int priority = highest_ready();

	if (runnable(t)) {
		if (priority < t->effective || (priority == t->effective && !core.slice_over))
			return t;
		core.current = NULL;
		if (core.slice_over)
			schedule_ready(t);
		else
			schedule_ready_first(t);
	}
	core.current = NULL;
	if (priority < 0)
		priority = idle();
	t = core.ready[priority];
	schedule_remove(t);
	return t;
}

/* What must happen before the thread sees user level again. True: it may not be ready any more. */
static bool rare_conditions(struct thread *t)
{
	if (t->active->spent) {
		exception_raise(t, EXCEPTION_NO_TIME, 0, 0);
		return true;
	}
	if (t->active != core.charged) {
		charge_to(t->active);
		return true;
	}
	if (t->continuation == CONTINUE_RECEIVE) {
		ipc_continue_receive(t);
		return true;
	}
	if (t->recall) {
		t->recall = false;
		exception_raise(t, EXCEPTION_RECALLED, 0, 0);
		return true;
	}
	return false;
}

struct hal_frame *core_resume(void)
{
	struct thread *t;

	for (;;) {
		t = choose();
		core.current = t;
		core.slice_over = false;
		if (!rare_conditions(t))
			break;
	}
	ASSERT(t->space);
	if (core.active_space != t->space) {
		space_activate(t->space);
		core.active_space = t->space;
	}
	if (core.loaded != t) {
		hal_thread_switch(&t->frame);
		core.loaded = t;
	}
	return &t->frame;
}
