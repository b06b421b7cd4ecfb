/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one system call and the objects that it meets: Endpoint.
 */
#ifndef KERNEL_IPC_H
#define KERNEL_IPC_H

#include "kernel/thread.h"

struct endpoint {
	struct object object;
	struct wait_queue receivers, senders; /* one of both is empty */
	struct capability self; /* holds the original capability while the Endpoint is torn down */
};

/* In zeroed memory. */
void endpoint_make(struct endpoint *e, unsigned home);

/* Wakes some of those who wait, with ERROR_GONE. True: nobody is left. */
bool endpoint_teardown(struct endpoint *e);

/* Result of an ipc that failed: error, phase, item; detail in w0. */
void ipc_fail(struct thread *t, enum error error, enum phase phase, word_t item, word_t detail);

/* The server has the caller's message: it owns the Reply and runs on the caller's context, at its priority at least. */
void ipc_link_call(struct thread *caller, struct thread *server);

/* The system call of a thread that was preempted in it, or that came to this core for it. */
void ipc_run(struct thread *t);

/* The receive phase of a thread whose send phase was finished by its receiver. */
void ipc_continue_receive(struct thread *t);

/* The thread is about to block: true if a deadline with BREAK had already passed, and the ipc was ended with it. */
bool ipc_broken(struct thread *t, enum phase phase);

#endif
