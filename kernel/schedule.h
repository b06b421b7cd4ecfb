/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: 256 fixed priorities, a bitmap of ready queues, FIFO in a priority, time slices.
 * The current thread is in no queue.
 */
#ifndef KERNEL_SCHEDULE_H
#define KERNEL_SCHEDULE_H

#include "kernel/deadline.h"
#include "kernel/thread.h"

enum { PRIORITIES = 256 };

struct core {
	struct thread *current; /* the thread that entered the kernel; NULL: none, or it was destroyed */
	struct thread *loaded;  /* whose registers outside of the frame are loaded */
	struct space *active_space;
	bool interrupted;       /* a timer came while a window was open */
	bool slice_over;
	uint64_t slice_end;
	uint64_t timer_armed;
	struct context *charged; /* whose time runs now; NULL: nobody's */
	uint64_t charged_since;
	uint64_t budget_end;     /* when its budget will be spent */
	struct deadline *deadlines[DEADLINE_GROUPS]; /* heaps */
	uint64_t ready_map[PRIORITIES / 64];
	struct thread *ready[PRIORITIES];
};

struct core *core_self(void);

/* Before the first thread. */
void schedule_init(void);

/* The thread may run: puts it behind (or in front of) those of its priority, if it has a scheduling context. */
void schedule_ready(struct thread *t);
void schedule_ready_first(struct thread *t);

/* Takes it out of the ready queue, if it is there. */
void schedule_remove(struct thread *t);

/* Its own priority, and that of the caller that it serves (0: of none). It runs at the higher one, wherever it is queued now. */
void schedule_priority(struct thread *t, uint8_t own, uint8_t inherited);

/* The current thread lets others of its priority run first. */
void schedule_yield(struct thread *t);

/* Opens interrupts for a moment. True: something happened and the caller's operation should be restarted. Never true
   when the current thread does not exist any more or is stopped: then the operation must finish. */
bool schedule_preempt(void);

/* Charges what has passed to the context that runs now. */
void schedule_recharge(void);

/* Something may be due earlier than the timer is armed for. */
void schedule_timer(void);

#endif
