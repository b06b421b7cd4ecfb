/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's trace: one ring of events for each core, in a Memory that user level gives (SYSTEM_TRACE_ATTACH).
 *
 * Only the core itself writes into its ring, without a lock; the oldest events are overwritten. `head` counts the events that were ever
 * written: event n lies at event[n % capacity] until event n + capacity begins to be written over it. So a reader copies it, then
 * reads `head` again: if that is n + capacity or more, the writer has lapped it and the copy is worth nothing (userland/lib/trace.c).
 *
 * All numbers are in the processor's byte order. The kernel reads nothing back from here.
 */
#ifndef ABI_TRACE_H
#define ABI_TRACE_H

#include <abi/types.h>

/* Kinds of event; the mask has bit 1 << kind. What code, a and b mean is said with each. `name` is the thread that acts or that
   was interrupted (0: none, or it has no name), ip where it is at user level. */
enum trace_kind {
	TRACE_SWITCH = 0,     /* name -> other; ip: of `name`; code: enum trace_why; a: 1 a thread runs now, 0 the core idles */
	TRACE_IPC = 1,        /* a system call that takes the general path: once for each trap. code: tag; a: to; b: from */
	TRACE_IPC_FAST = 2,   /* the same on the fast path: every trap is the one or the other. Also a fault there: a, b: HANDLE_NONE */
	TRACE_MESSAGE = 3,    /* a message of name arrives at other. code: tag (TAG_CALL: an answer is due); a: badge; b: 1 an answer */
	TRACE_SIGNAL = 4,     /* code: bits that reach a Notification; other: who gets them now (0: nobody waits) */
	TRACE_FAULT = 5,      /* page fault. code: raw (low 32 bits); a: address; b: access */
	TRACE_EXCEPTION = 6,  /* code: raw (low 32 bits); a: enum exception; b: address */
	TRACE_INTERRUPT = 7,  /* of a device. code: the kernel's number of it */
	TRACE_TIMER = 8,      /* the timer's interrupt */
	TRACE_MAIL = 9,       /* between cores. code: kind of mail; a: core that it goes to; b: 0 it is sent, 1 it is taken out there */
	TRACE_MAP = 10,       /* one step of mapping. code: access; a: address; b: bytes */
	TRACE_UNMAP = 11,     /* one step of unmapping. code: leaf entries removed; a: address; b: bytes */
	TRACE_REVOKE = 12,    /* one step of revoking or deleting: a capability is to be removed. code: enum kind */
	TRACE_PREEMPTION = 13, /* a long operation lets others run and goes on later */
	TRACE_CREATE = 14,    /* UNTYPED_CREATE. code: enum kind; a: count; b: bytes of each */
	TRACE_DESTROY = 15,   /* an object has ended. code: enum kind */
	TRACE_KINDS
};
enum { TRACE_ALL = (1 << TRACE_KINDS) - 1 };

/* Why a thread stops running. */
enum trace_why {
	TRACE_WAS_IDLE = 0,  /* there was none */
	TRACE_PREEMPTED = 1, /* it could go on: another one goes first, or its time is used up */
	TRACE_BLOCKED = 2,   /* it waits for a message, a signal, an answer */
	TRACE_LEFT = 3,      /* it was stopped or destroyed, or goes on on another core */
};

struct trace_event {
	uint64_t time;   /* of the counter */
	uint64_t number; /* events of this ring before it */
	uint8_t kind;    /* enum trace_kind */
	uint8_t core;
	uint16_t reserved;
	uint32_t code;
	uint64_t name;
	uint64_t other;
	uint64_t ip;
	uint64_t a, b;
};
_Static_assert(sizeof(struct trace_event) == 64, "an event is one cache line");

/* A ring fills its Memory: this, then events up to the end. */
struct trace_ring {
	uint64_t head;     /* events that were written, stored with release order behind each of them */
	uint32_t capacity; /* events that fit */
	uint32_t core;
	uint64_t reserved[6];
	struct trace_event event[];
};
_Static_assert(sizeof(struct trace_ring) == sizeof(struct trace_event), "events are aligned to their size");

#endif
