/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the kernel's trace (abi/trace.h): a reader follows one ring, on any core, while it is written.
 *
 *	static struct trace_reader reader;
 *
 *	system_trace_attach(system, core, memory, 1 << TRACE_SWITCH | 1 << TRACE_MESSAGE);
 *	trace_reader_init(&reader, address_of_memory);
 *	...
 *	trace_print(&reader);
 */
#ifndef TRACE_H
#define TRACE_H

#include <abi/trace.h>

struct trace_reader {
	const struct trace_ring *ring;
	uint64_t next; /* number of the event that is read next */
	uint64_t lost; /* events that were overwritten before they were read */
};

/* Reads the ring that was attached at `ring` from its oldest event on. */
void trace_reader_init(struct trace_reader *r, const void *ring);

/* The next event. False: there is none (yet). Events that the writer took back meanwhile are counted and passed over. */
bool trace_read(struct trace_reader *r, struct trace_event *out);

/*
 * Prints all that can be read, one line each, for ci/trace:
 *
 *	@trace CORE time FREQUENCY little|big
 *	@trace CORE event NUMBER TIME KIND CODE NAME OTHER IP A B
 *	@trace CORE end LOST
 *
 * Numbers are hexadecimal but for CORE; being text they have no byte order, but names that are text have: little or big. FREQUENCY:
 * of the counter, Hz. Pause the trace before, or
 * the printing shows in it.
 */
void trace_print(struct trace_reader *r, uint64_t frequency);

/* A name of up to eight characters as thread_name() takes it and ci/trace shows it: the characters as they lie in memory, as spawn() names
   main threads. */
uint64_t trace_name(const char *text);

#endif
