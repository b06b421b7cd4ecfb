/* SPDX-License-Identifier: BSD-2-Clause */
/* Wait queues and circles of threads. */
#include "kernel/queue.h"
#include "kernel/thread.h"

void queue_link_init(struct thread *t)
{
	t->link.next = t->link.previous = t;
	t->link.head = true;
}

/* Two neighbours in the list of priorities; NULL: its end. */
static void link_levels(struct wait_queue *queue, struct thread *above, struct thread *below)
{
	if (above)
		above->link.level_next = below;
	else
		queue->first = below;
	if (below)
		below->link.level_previous = above;
}

void queue_insert(struct wait_queue *queue, struct thread *t)
{
	struct thread *level = queue->first, *above = NULL;

	ASSERT(!t->link.queue && t->link.next == t);
	t->link.queue = queue;
	queue->only = level ? NULL : t;
	while (level && level->effective > t->effective) {
		above = level;
		level = level->link.level_next;
	}
	if (level && level->effective == t->effective) {
		t->link.head = false;
		circle_insert(level, t);
		return;
	}
	link_levels(queue, above, t);
	link_levels(queue, t, level);
}

void queue_remove(struct thread *t)
{
	struct wait_queue *queue = t->link.queue;
	struct thread *heir = t;

	ASSERT(queue);
	circle_remove(&heir, t);
	if (t->link.head) {
		struct thread *above = t->link.level_previous, *below = t->link.level_next;

		link_levels(queue, above, heir ? heir : below);
		if (heir) {
			heir->link.head = true;
			link_levels(queue, heir, below);
		}
	}
	t->link.head = true;
	t->link.level_next = t->link.level_previous = NULL;
	t->link.queue = NULL;
	heir = queue->first;
	queue->only = heir && heir->link.next == heir && !heir->link.level_next ? heir : NULL;
}
