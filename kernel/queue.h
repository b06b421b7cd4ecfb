/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues: a list of priorities, highest first, each a circular FIFO of threads. The heads of the
 * circles form the list. Inserting takes at most 256 steps, removing a constant number.
 */
#ifndef KERNEL_QUEUE_H
#define KERNEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct thread;

struct wait_queue {
	struct thread *first; /* head of the highest priority's circle; NULL: empty */
	struct thread *only;  /* the same, if it is alone; else NULL */
	bool receivers;       /* they wait for messages from an Endpoint */
};

/* Links of a thread in a wait queue or in a ready queue (never in both). One that is in neither is a circle of its own and its head, so
   that being the only one in a queue costs two stores. */
struct queue_link {
	struct wait_queue *queue;                   /* the wait queue it is in, or NULL */
	struct thread *next, *previous;             /* the circle */
	struct thread *level_next, *level_previous; /* of a head in a wait queue */
	bool head;
};

/* A new thread: in no queue. */
void queue_link_init(struct thread *t);

/* Adds the thread behind those of its effective priority. */
void queue_insert(struct wait_queue *queue, struct thread *t);

/* Takes the thread out of the wait queue that it is in. */
void queue_remove(struct thread *t);

/* The only thread leaves the queue; a thread enters an empty one. */
static inline void queue_remove_only(struct wait_queue *queue, struct queue_link *link)
{
	queue->first = queue->only = NULL;
	link->queue = NULL;
}

static inline void queue_insert_only(struct wait_queue *queue, struct thread *t, struct queue_link *link)
{
	queue->first = queue->only = t;
	link->queue = queue;
}

#endif
