/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP and vector state. A thread has it if an Untyped was given to it for that (THREAD_FPU); all others get
 * the exception FPU at their first use and pay nothing.
 *
 * The registers of a core hold the state of one thread, its owner, or nothing. They are saved when another
 * thread with state is dispatched, or one of another Space, or when the owner leaves the core; a thread
 * without state never runs with what another Space left in them.
 */
#ifndef KERNEL_FPU_H
#define KERNEL_FPU_H

#include "kernel/thread.h"

/* The thread is dispatched on this core. */
void fpu_switch(struct thread *t);

/* The thread leaves this core, or somebody wants its state in memory. */
void fpu_release(struct thread *t);

/* Its state is gone. */
void fpu_forget(struct thread *t);

#endif
