/* SPDX-License-Identifier: BSD-2-Clause */
/* Wait queues and circles of threads. */
#include "kernel/queue.h"
#include "kernel/thread.h"

void queue_link_init(struct thread *t)
{
	t->link.next = t->link.previous = t;
	t->link.head = true;
}

/* Makes t a head between two neighbours in the list of priorities. */
static void link_level(struct wait_queue *queue, struct thread *t, struct thread *previous, struct thread *next)
{
	t->link.head = true; /* perhaps it was not: the heir of one that left */
	t->link.level_previous = previous;
	t->link.level_next = next;
	if (previous)
		previous->link.level_next = t;
	else
		queue->first = t;
	if (next)
		next->link.level_previous = t;
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
		circle_insert(&level, t);
		return;
	}
	link_level(queue, t, above, level);
}

void queue_remove(struct thread *t)
{
	struct wait_queue *queue = t->link.queue;
	struct thread *heir = t;

	ASSERT(queue);
	circle_remove(&heir, t);
	if (t->link.head) {
		struct thread *above = t->link.level_previous, *below = t->link.level_next;

		if (heir) {
			link_level(queue, heir, above, below);
		} else {
			if (above)
				above->link.level_next = below;
			else
				queue->first = below;
			if (below)
				below->link.level_previous = above;
		}
	}
	t->link.head = true;
	t->link.level_next = t->link.level_previous = NULL;
	t->link.queue = NULL;
	heir = queue->first;
	queue->only = heir && heir->link.next == heir && !heir->link.level_next ? heir : NULL;
}
