/* SPDX-License-Identifier: BSD-2-Clause */
/* How a program ended, as its parent learns it, and in words for people. */
#ifndef ENDING_H
#define ENDING_H

#include "cobnut.h"

enum ending_kind {
	ENDING_EXIT,       /* it said so: PROTOCOL_EXIT */
	ENDING_PAGE_FAULT, /* a page fault that nobody serves */
	ENDING_EXCEPTION,
	ENDING_KILLED,     /* its parent destroyed it */
};

struct ending {
	enum ending_kind kind;
	word_t status;            /* of an exit */
	enum exception exception; /* of an exception */
	word_t access;            /* of a page fault: RIGHT_READ, RIGHT_WRITE or RIGHT_EXECUTE */
	uintptr_t address;        /* of a fault or an exception */
	uintptr_t ip, sp;
	word_t raw;               /* the processor's code */
};

/* Does this message from a program, or from the kernel in its name, tell its end? Then *out says how. */
bool ending_read(const struct message *m, struct ending *out);

/* "exit status 0", "page fault: write at 0x0, ip 0x400120", "killed", ... into `out` (`size` bytes). */
void ending_text(const struct ending *ending, char *out, size_t size);

#endif
