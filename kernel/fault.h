/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults and exceptions: messages that the kernel sends in the faulting thread's name, and their
 * answers. While the message waits, the thread counts as stopped: its registers can be read and written.
 */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H

#include "kernel/delivery.h"

/* Reports an exception of the thread, which is READY or current. Without a handler the thread is stopped. */
void exception_raise(struct thread *t, enum exception kind, uintptr_t address, word_t raw);

/* The shortest way of a fault of the current thread to its handler (fast.c): the frame to resume, or NULL: it is not the usual case. */
struct hal_frame *fault_send_fast(struct thread *t, const struct capability *binding, word_t tag);

/* Sends the fault that the thread's record holds. */
void fault_send(struct thread *t);

/* The receiver takes the message of a queued faulting thread. False: the binding is gone; the thread was stopped. */
bool fault_accept(struct thread *receiver, struct thread *t);

/* Checks and applies the answer to a fault (the Reply is taken by the caller). On an error nothing was changed. */
enum error fault_answer(struct delivery *d, const word_t w[MESSAGE_REGISTERS]);

#endif
