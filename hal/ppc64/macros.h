/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the assembly files share.
 */
#ifndef PPC64_MACROS_H
#define PPC64_MACROS_H

#include "offsets.h"
#include "processor.h"

/* A 64-bit constant or address, without memory and without the TOC. */
.macro LOAD_64 register, value
	lis	\register, (\value)@highest
	ori	\register, \register, (\value)@higher
	rldicr	\register, \register, 32, 31
	oris	\register, \register, (\value)@high
	ori	\register, \register, (\value)@l
.endm

/* Saves all registers to the frame r11, given r12 = vector and r13 = core. LR has to be saved before the call. */
.macro SAVE_FRAME
	std	%r12, FRAME_VECTOR(%r11)
	mflr	%r12
	std	%r12, FRAME_LR(%r11)
	bl	save_frame
.endm

/* General registers first .. last from or to a frame. */
.macro SAVE_GPRS first, last, frame
	.set	number, \first
	.rept	\last - \first + 1
	std	number, FRAME_GPR + 8 * number(\frame)
	.set	number, number + 1
	.endr
.endm

.macro LOAD_GPRS first, last, frame
	.set	number, \first
	.rept	\last - \first + 1
	ld	number, FRAME_GPR + 8 * number(\frame)
	.set	number, number + 1
	.endr
.endm

.macro ZERO_GPRS first, last
	.set	number, \first
	.rept	\last - \first + 1
	li	number, 0
	.set	number, number + 1
	.endr
.endm

#endif
