/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults, exceptions and notifications: the messages that the kernel sends, and the answers to them.
 */
#ifndef ABI_FAULTS_H
#define ABI_FAULTS_H

#include <abi/ipc.h>

enum label_kernel {
	/* CALL to the pager: w0 address, w1 access (RIGHT_READ, RIGHT_WRITE or RIGHT_EXECUTE), w2 ip, w3 sp, w4 raw code.
	   Map window: the naturally aligned 2 MiB around the address, RAM only, replace. */
	LABEL_PAGE_FAULT = LABEL_KERNEL | 1,
	/* CALL to the fault handler: w0 enum exception, w1 address or 0, w2 ip, w3 sp, w4 raw code. */
	LABEL_EXCEPTION = LABEL_KERNEL | 2,
	/* A signal: badge has the bits; no words. */
	LABEL_NOTIFICATION = LABEL_KERNEL | 3,
};

/* Kinds of exception, the same on every processor; the raw code is the processor's. */
enum exception {
	EXCEPTION_ILLEGAL = 1,   /* illegal or privileged instruction */
	EXCEPTION_BREAKPOINT = 2,
	EXCEPTION_STEP = 3,
	EXCEPTION_ALIGNMENT = 4, /* misaligned access */
	EXCEPTION_ARITHMETIC = 5, /* integer or floating-point trap */
	EXCEPTION_FPU = 6,       /* floating-point or vector unit not available to this thread */
	EXCEPTION_BUS = 7,       /* bus error: nothing answers at that physical address */
	EXCEPTION_NO_TIME = 8,
	EXCEPTION_RECALLED = 9,
	EXCEPTION_ADDRESS = 10,  /* an address that can never be mapped (not canonical, or the kernel's) */
	EXCEPTION_OTHER = 11,
	EXCEPTION_COUNT
};

/* Labels of an answer to a fault or an exception. */
enum label_answer {
	ANSWER_RETRY = 0, /* items are mapped, then the instruction runs again */
	ANSWER_SET = 1,   /* w0 ip, w1 sp, w2 flags: go on there (flags are masked; 0 is always right) */
	ANSWER_STOP = 2,  /* the thread is stopped */
};

enum { FAULT_WINDOW_SHIFT = 21 };

#endif
