/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to kernel objects: a typed view of one, and the tables of operations.
 *
 * All handlers have one shape: read the arguments, check everything, act, fill in the answer. A handler
 * that fails has changed nothing. ERROR_RETRY (never seen by user level) says that the operation was
 * preempted: the system call runs again and goes on where it was.
 */
#ifndef KERNEL_INVOKE_H
#define KERNEL_INVOKE_H

#include "kernel/thread.h"

#define ERROR_RETRY ((enum error)ERROR_COUNT)

struct invocation {
	struct thread *caller;
	struct capability *target;
	word_t label;
	unsigned words;                /* that the caller sent */
	word_t w[MESSAGE_REGISTERS];   /* arguments; then the answer */
	unsigned answer_words;
	word_t detail;                 /* of an error */
};

struct operation {
	word_t label;
	uint8_t rights; /* that the capability must have */
	enum error (*handle)(struct invocation *);
};

extern const struct operation untyped_operations[], memory_operations[], space_operations[], thread_operations[],
	notification_operations[], context_operations[], system_operations[], interrupt_operations[], port_operations[],
	firmware_operations[];

/* Runs the message; the answer or the error is in the invocation. */
enum error invoke(struct invocation *call);

/* The capability behind a handle of the caller, of the given kind and with these rights. */
enum error invocation_capability(const struct invocation *call, handle_t handle, enum kind kind, uint8_t rights,
				 struct capability **result);

/* Checks that the caller's handle window has `count` empty slots, for which the pool has the memory; *first is the first. */
enum error invocation_window(struct invocation *call, unsigned count, handle_t *first);

/* Messages of System that make capabilities of other kinds. */
enum error interrupt_from_cells(struct invocation *call);
enum error interrupt_from_message(struct invocation *call);
enum error ports_make(struct invocation *call);
enum error firmware_make(struct invocation *call);

/* Messages of System about the trace. */
enum error trace_attach(struct invocation *call);
enum error trace_change(struct invocation *call);

/* Object sizes (the same that SYSTEM_SIZE tells). False: no such kind or a bad parameter. */
bool object_size(enum kind kind, word_t parameter, uint64_t *size, uint64_t *alignment);

#endif
