/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dumps for people: where and why a component faulted, its registers, and who called whom, by the names of its functions. For
 * the parent that holds its Thread and its Memory, while the fault waits for its answer.
 */
#ifndef DUMP_H
#define DUMP_H

#include "ending.h"
#include "spawn.h"
#include "symbols.h"

/* Where a dump goes. */
struct dump {
	const char *name; /* the component's */
	const struct program *program;
	struct symbols symbols;                         /* of its program */
	void (*line)(void *context, const char *text);  /* takes each line, without an end of line; NULL: print() */
	void *context;
};

enum { DUMP_LINE = 160 };

/*
 * A fault or an exception that nobody serves: in which function, why; then registers and backtrace. If another thread of
 * the component than its main thread raised it, only what the message says: the parent holds nothing of that one.
 */
void dump_fault(struct builder *b, const struct dump *dump, const struct ending *ending);

/* Registers and backtrace of the main thread. BUSY: it runs. */
enum error dump_thread(struct builder *b, const struct dump *dump);

#endif
