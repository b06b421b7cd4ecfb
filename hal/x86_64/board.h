/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a board has beside what every PC has. Its directory compiles a file with one of these, and the linker script collects them.
 */
#ifndef X86_64_BOARD_H
#define X86_64_BOARD_H

#include "platform.h"

struct board {
	void (*read)(struct platform *p); /* adds to what ACPI has said; the tree is made of it */
	void (*stop)(bool again);         /* off, or off and on again; returns if it cannot */
};

/* The alignment: without it the compiler may choose a larger one, and there would be gaps in the list. */
#define BOARD static const struct board __attribute__((section(".boards"), used, aligned(8)))
extern const struct board boards_start[], boards_end[];

#endif
