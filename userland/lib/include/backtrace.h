/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who called whom: the chain of frames on a thread's stack. The stack is another program's and nothing in it is trusted: what
 * is read lies inside of it, frames are aligned and go upwards, return addresses are code, and there is a limit.
 */
#ifndef BACKTRACE_H
#define BACKTRACE_H

#include "frames.h"
#include "symbols.h"

/* What can be read of a thread's stack: `size` bytes that the thread knows under the address `low`. */
struct stack {
	const void *bytes;
	uintptr_t low;
	size_t size;
};

/* Why a backtrace ends. */
enum backtrace_end {
	BACKTRACE_BOTTOM,  /* where the program began */
	BACKTRACE_OUTSIDE, /* `bad`: a frame that is not on the stack */
	BACKTRACE_MISALIGNED, /* `bad`: a frame that can be none */
	BACKTRACE_DESCENDS, /* `bad`: a frame that does not lie above its callee's */
	BACKTRACE_NO_CODE, /* `bad`: a return address that is none */
	BACKTRACE_LIMIT,   /* there are more than BACKTRACE_MAX */
	BACKTRACE_ENDS
};

enum { BACKTRACE_MAX = 32 };

struct backtrace {
	size_t count;
	uintptr_t address[BACKTRACE_MAX]; /* ip, then return addresses */
	enum backtrace_end end;
	uintptr_t bad;
};

/* Reads the chain from registers (REGISTERS_GENERAL, all of them) and stack. */
void backtrace_make(const word_t *registers, const struct stack *stack, const struct symbols *symbols, struct backtrace *out);

/* What an end means, for messages to people; "" for the bottom. */
const char *backtrace_text(enum backtrace_end end);

#endif
