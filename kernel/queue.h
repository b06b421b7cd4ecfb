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
	bool receivers;       /* of an Endpoint: they wait for messages, not for a receiver */
};

/* Links of a thread in a wait queue or in a ready queue (never in both). */
struct queue_link {
	struct thread *next, *previous;             /* the circle */
	struct thread *level_next, *level_previous; /* of a head in a wait queue */
	struct wait_queue *queue;                   /* the wait queue it is in, or NULL */
	bool head;
};

/* Adds the thread behind those of its effective priority. */
void queue_insert(struct wait_queue *queue, struct thread *t);

/* Takes the thread out of the wait queue that it is in. */
void queue_remove(struct thread *t);

/* Circles, for ready queues too. */
void circle_insert(struct thread **head, struct thread *t); /* at the end */
void circle_remove(struct thread **head, struct thread *t);

#endif
