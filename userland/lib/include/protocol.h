/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program tells its parent, through PROGRAM_PARENT: labels and words. All are CALLs, answered with label 0.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <abi/types.h>

enum label_protocol {
	/* The program has ended: w0 status, 0 is success. Never answered: the parent destroys the program. */
	PROTOCOL_EXIT = 1,
	/* A line of text: w0 bytes, w1.. the bytes in memory order. */
	PROTOCOL_LINE = 2,
	/* A test case: w0 passed (0 or 1), w1 bytes, w2.. text in memory order. */
	PROTOCOL_RESULT = 3,
	/* First of the labels that a family of programs defines for itself. */
	PROTOCOL_OWN = 16,
};

enum { PROTOCOL_TEXT_MAX = 400 }; /* bytes of text in one message, at most */

#endif
