/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: 256 fixed priorities, a bitmap of ready queues, FIFO in a priority, time slices.
 * The current thread is in no queue.
 */
#ifndef KERNEL_SCHEDULE_H
#define KERNEL_SCHEDULE_H

#include "kernel/bits.h"
#include "kernel/deadline.h"
#include "kernel/thread.h"

enum { PRIORITIES = 256 };

enum { CORE_NONE = 255 };

struct core {
	uint32_t number;
	int highest;            /* the highest priority that is ready, or -1 */
	union {
		uint64_t rare; /* what keeps ipc off the shortest way: */
		struct {
			uint32_t traced;    /* kinds of event that go into its trace ring */
			uint32_t fpu_owned; /* there is a fpu_owner */
		};
	};
	struct thread *current; /* the thread that entered the kernel; NULL: none, or it was destroyed */
	struct thread *loaded;  /* whose registers outside of the frame are loaded */
	struct space *active_space;
	struct thread *fpu_owner; /* whose FP and vector state the registers hold */
	struct mailbox mailbox;
	uint32_t to_interrupt;  /* cores that were sent mail under the lock: told when it is given away */
	bool arrived;           /* it runs */
	bool locked;            /* it has the lock */
	uint8_t elsewhere;      /* the core on which the operation must go on; CORE_NONE: this one */
	bool interrupted;       /* something came while a window was open */
	bool slice_over;        /* the current thread lets others of its priority run first */
	uint64_t slice_end;
	uint64_t timer_armed;
	uint64_t timer_soonest; /* when the pause after the last timer interrupt is over */
	struct context *charged; /* whose time runs now; NULL: nobody's */
	uint64_t charged_since;
	uint64_t budget_end;     /* when its budget will be spent */
	struct deadline *deadlines[DEADLINE_GROUPS]; /* heaps */
	uint64_t ready_map[PRIORITIES / 64];  /* which of these are not empty */
	struct thread *ready[PRIORITIES];     /* the first of each priority */
} __attribute__((aligned(256)));

extern struct core cores[HAL_CORES_MAX];

static inline struct core *core_self(void)
{
	return hal_core_data();
}

static inline struct core *core_number(unsigned core)
{
	return &cores[core];
}

/* Is there mail for this core? */
static inline bool mail_waiting(const struct core *core)
{
	const struct mailbox *box = &core->mailbox;

	return box->first != &box->dummy || __atomic_load_n(&box->dummy.next, __ATOMIC_ACQUIRE);
}

/* Before anything else on each core: core_self() works from now on. */
void core_begin(void);

/* Before the first thread, on each core. */
void schedule_init(void);

/* The thread (of this core, in no queue) goes on on another core, or on this one behind those that are ready. */
void schedule_travel(struct thread *t, unsigned core, enum pending pending);

/* It arrived. */
void schedule_arrived(struct thread *t);

/* The operation that runs cannot go on here: its thread goes to that core and runs the call again. */
void schedule_elsewhere(unsigned core);

/* The thread may run: puts it behind (or in front of) those of its priority, if it has a scheduling context. */
void schedule_ready(struct thread *t);
void schedule_ready_first(struct thread *t);

/* The same without a question: it is of this core, in no queue, and has something to do. */
static inline void ready_insert(struct core *core, struct thread *t)
{
	unsigned priority = t->effective;

	t->ready_queued = true;
	if (core->ready[priority]) {
		circle_insert(core->ready[priority], t);
		return;
	}
	core->ready[priority] = t;
	core->ready_map[priority / 64] |= (uint64_t)1 << priority % 64;
	if ((int)priority > core->highest)
		core->highest = (int)priority;
}

/* Takes out one that is in a ready queue. */
static inline void ready_remove(struct core *core, struct thread *t)
{
	unsigned priority = t->effective;
	int word = t->effective / 64;

	t->ready_queued = false;
	if (!circle_remove(&core->ready[priority], t))
		return;
	core->ready_map[word] &= ~((uint64_t)1 << priority % 64);
	if ((int)priority != core->highest)
		return;
	while (word >= 0 && !core->ready_map[word])
		word--;
	core->highest = word < 0 ? -1 : word * 64 + (int)highest_bit(core->ready_map[word]);
}

/* Takes it out of the ready queue, if it is there. */
void schedule_remove(struct thread *t);

/* Its own priority, and that of the caller that it serves (0: of none). It runs at the higher one, wherever it is queued now. */
void schedule_priority(struct thread *t, uint8_t own, uint8_t inherited);

/* Opens interrupts, and gives the lock away, for a moment. True: something may have changed and the caller's operation must be
   restarted. Never true when the current thread does not exist any more or is stopped: then the operation must finish. */
bool schedule_preempt(void);

/* True: schedule_elsewhere() was called by a step of the operation. */
bool schedule_leaves(void);

/* Charges what has passed to the context that runs now. */
void schedule_recharge(void);

/* Something may be due earlier than the timer is armed for. */
void schedule_timer(void);

#endif
