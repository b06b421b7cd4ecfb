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

/* An instruction, given as its word, for a processor in the other byte order. */
.macro OTHER_ORDER word
	.long	((\word) & 0xff) << 24 | ((\word) & 0xff00) << 8 | ((\word) >> 8 & 0xff00) | ((\word) >> 24 & 0xff)
.endm

/* From here on the processor is in the kernel's byte order, whichever it was in before. `tdi 0, 0, 0x48` never traps; its bytes are
   `b .+8` in the other order. Interrupts are off. Changes r10, r11, LR, SRR0, SRR1 if it was in the other one. */
.macro OWN_ORDER
	tdi	0, %r0, 0x48
	b	9f
	OTHER_ORDER 0x429f0005	/* bcl 20, 31, .+4 */
	OTHER_ORDER 0x7d4802a6	/* mflr r10 */
	OTHER_ORDER 0x394a001c	/* addi r10, r10, 28: label 9 */
	OTHER_ORDER 0x7d6000a6	/* mfmsr r11 */
	OTHER_ORDER 0x696b0001	/* xori r11, r11, MSR_LE */
	OTHER_ORDER 0x7d5a03a6	/* mtsrr0 r10 */
	OTHER_ORDER 0x7d7b03a6	/* mtsrr1 r11 */
	OTHER_ORDER 0x4c000024	/* rfid */
9:
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

/* A stack frame of `size` bytes, with CR and LR where ELFv2 has them (2.2.3); and back. Use r0. */
.macro PUSH_FRAME size
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	stdu	%r1, -(\size)(%r1)
.endm

.macro POP_FRAME
	ld	%r1, 0(%r1)
	ld	%r0, 8(%r1)
	mtcr	%r0
	ld	%r0, 16(%r1)
	mtlr	%r0
.endm

#endif
