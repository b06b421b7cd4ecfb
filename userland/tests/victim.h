/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Victims: threads to whom something happens. Their page faults and exceptions arrive at an Endpoint of the test's, which
 * is their pager and their fault handler.
 *
 * A victim's priority is above the test's: when victim_begin(), victim_answer() or victim_map() returns, the victim has
 * ended, or waits with its next fault. So every look at it is without waiting, and a test that fails does not hang.
 */
#ifndef VICTIM_H
#define VICTIM_H

#include "test.h"

enum {
	VICTIM_PRIORITY = 120,
	BADGE_PAGER = 0x70, /* of the messages to its pager */
	BADGE_HANDLER = 0x80,
	BINDINGS = 5,       /* in the order of CONFIGURE_*: Space, pager, handler, context, buffer */
};

struct victim {
	struct worker worker;
	handle_t endpoint;         /* unbadged */
	handle_t source[BINDINGS]; /* the capabilities that are bound, each a derivation of its own */
};

/* A victim, stopped, that will call entry(argument). Errors: the kernel's. */
enum error victim_create(struct builder *b, void (*entry)(word_t), word_t argument, struct victim *v);
void victim_destroy(struct builder *b, struct victim *v);

/* Starts it; it may be one that has ended. */
void victim_begin(const struct victim *v);

/*
 * Lets victims run until they block. A server keeps the priority of a caller who is gone until it answers or receives, so the
 * test, which may have taken the fault of such a victim, receives: only then it is less urgent than the next.
 */
void victim_settle(void);

/* Binds again what is named in `what` (CONFIGURE_*), from its sources. It must be stopped. */
enum error victim_bind(const struct victim *v, word_t what);

/* victim_create and victim_begin, for cases that cannot go on without. */
void victim_run(struct builder *b, void (*entry)(word_t), word_t argument, struct victim *v);

/* Takes the next fault or exception that waits. False: there is none. */
bool victim_receive(const struct victim *v, struct message *m);

/* As victim_receive: is there a page fault at `address` for this access, or an exception of this kind? *m has it. */
bool victim_faults(const struct victim *v, uintptr_t address, word_t access, struct message *m);
bool victim_raises(const struct victim *v, enum exception kind, struct message *m);

enum thread_state victim_state(const struct victim *v);

/* Answers the fault that was received last. */
enum error victim_answer(enum label_answer label, word_t w0, word_t w1, word_t w2);

/* Answers it with a Memory item: `length` bytes (0: the rest) from `offset` on at window base + `base`. */
enum error victim_map(handle_t memory, word_t rights, word_t offset, word_t length, word_t base);

/* ---- victims in a certain situation ---- */

/* Every state that a thread can be in, as far as it matters to others. */
enum situation {
	SITUATION_STOPPED,
	SITUATION_READY,        /* it was running when its time slice ended */
	SITUATION_SENDING,      /* nobody receives */
	SITUATION_RECEIVING,    /* nobody sends */
	SITUATION_CALLING,      /* the test has its call and owes the answer */
	SITUATION_FAULT_QUEUED, /* a page fault that nobody has received */
	SITUATION_FAULT_TAKEN,  /* the test has its page fault and owes the answer */
	SITUATION_RAISED,       /* an exception that nobody has received */
	SITUATIONS
};

struct subject {
	struct victim v;
	handle_t port;            /* what it sends to, calls or receives from: an Endpoint of its own */
	volatile word_t status;   /* of its ipc, once it came back; ~0: it has not */
	volatile word_t count;    /* runs on in SITUATION_READY */
	volatile word_t finished; /* it came to its end */
	struct message m;         /* what it sends (words 1..6, label 5), then what came back */
};

extern const char *const situation_name[SITUATIONS];
extern const enum thread_state situation_state[SITUATIONS];

/* A victim in that situation. It faults at SUBJECT_PLACE, where nothing is mapped. The subject must not move. */
void subject_create(struct builder *b, enum situation situation, struct subject *s);
void subject_destroy(struct builder *b, struct subject *s);

enum { SUBJECT_LABEL = 5, SUBJECT_WORDS = 6 };
#define SUBJECT_PLACE ((uintptr_t)0x1000)

/* Bytes from the start of the 2 MiB around an address. */
static inline word_t window_base(uintptr_t address)
{
	return address & (((uintptr_t)1 << FAULT_WINDOW_SHIFT) - 1);
}

/* Is a page mapped in the own Space at this address? `memory`: one page of any kind that may be read. */
bool address_mapped(handle_t memory, uintptr_t address);

#endif
