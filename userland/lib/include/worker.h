/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers: further threads in the own Space.
 *
 * Each has a region of WORKER_REGION bytes of addresses, aligned to its size (message.h says why):
 *   page 0      the message buffer (1 KiB), then what the worker must know of itself
 *   page 1      nothing is mapped: a stack that overflows faults
 *   the rest    the stack, 24 KiB
 * Its pager and fault handler are PROGRAM_PARENT, unless bound otherwise while it is stopped.
 */
#ifndef WORKER_H
#define WORKER_H

#include "build.h"

enum { WORKER_STACK = WORKER_REGION - 2 * PAGE_SIZE };

struct worker {
	handle_t thread;  /* its Thread, all rights */
	handle_t context; /* its SchedContext, ceiling = its priority; HANDLE_NONE: taken away */
	handle_t memory;  /* of its region */
	uintptr_t region;
};

/*
 * A stopped worker that will call entry(argument) at `priority` (0..255); worker_begin starts it. When `entry`
 * returns, the worker stops itself. Errors: the kernel's; nothing is left behind.
 */
enum error worker_create(struct builder *b, void (*entry)(word_t), word_t argument, word_t priority, struct worker *out);

enum error worker_begin(const struct worker *worker);

/*
 * Takes its SchedContext away: from now on it runs on what its callers lend. To be called when it waits in its
 * receive (it needs a context to get there).
 */
void worker_make_passive(struct builder *b, struct worker *worker);

/* Ends it wherever it is, and gives back thread, context, memory, slots and addresses (these if they were the newest). */
void worker_destroy(struct builder *b, struct worker *worker);

/* The message buffer of a worker, e.g. to open its windows before it begins. */
static inline struct buffer *worker_buffer(const struct worker *worker)
{
	return (struct buffer *)worker->region;
}

/* The calling worker's own Thread. (The main thread's is PROGRAM_THREAD.) */
handle_t worker_self(void);

#endif
