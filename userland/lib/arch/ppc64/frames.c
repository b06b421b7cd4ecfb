/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and frames of ppc64: r31 is the frame pointer, which points to the back chain; r1 does, too, but is given back
 * before the last instructions of a function. A function keeps its return address in its caller's frame.
 */
#include "frames.h"

const char *const frame_register_name[REGISTERS_GENERAL_COUNT] = {
	"r0",  "r1",  "r2",  "r3",  "r4",  "r5",  "r6",  "r7",  "r8",  "r9",  "r10", "r11", "r12",
	"r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25",
	"r26", "r27", "r28", "r29", "r30", "r31", "ip",  "lr",  "ctr", "cr",  "xer", "vrsave",
};

const struct frame_layout frame_layout = {
	.frame = REGISTER_R0 + 31,
	.link = REGISTER_LR,
	.previous = 0,
	.address = 16,
	.address_in_caller = true,
	.leaf_previous = 0,
};

/* The link register tells. */
bool frame_made(const uint8_t *code, size_t length)
{
	(void)code;
	(void)length;
	return true;
}
