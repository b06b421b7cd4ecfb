/* SPDX-License-Identifier: BSD-2-Clause */
/* Into OPAL and back, and from OPAL into further cores. */
#include "macros.h"

#define SAVED_MSR 32
#define SAVED_TOC 40
#define SAVED_R13 48
#define SAVED_SIZE 64

/*
 * int64_t opal_call(const uint64_t registers[8]). OPAL wants real mode, big-endian, interrupts off, r0 = token, r2 = its base, and runs on
 * a stack of its own. It keeps r1 and r14..r31. Real addresses need not have the top four bits off (start.S), so the stack stays.
 */
	.text
	.globl	opal_call
	.type	opal_call, @function
opal_call:
	PUSH_FRAME SAVED_SIZE
	mfmsr	%r12
	std	%r12, SAVED_MSR(%r1)
	std	%r2, SAVED_TOC(%r1)
	std	%r13, SAVED_R13(%r1)
	li	%r10, MSR_IR | MSR_DR | MSR_LE
	ori	%r10, %r10, MSR_EE
	andc	%r12, %r12, %r10
	mtsrr1	%r12
	LOAD_64	%r10, opal_place
	ld	%r2, 0(%r10)
	ld	%r12, 8(%r10)
	mtsrr0	%r12
	LOAD_64	%r10, 1f
	mtlr	%r10
	mr	%r11, %r3
	ld	%r0, 0(%r11)
	.set	number, 3
	.rept	7
	ld	number, 8 * (number - 2)(%r11)
	.set	number, number + 1
	.endr
	rfid
1:	OWN_ORDER
	ld	%r12, SAVED_MSR(%r1)
	mtsrr1	%r12
	LOAD_64	%r10, 2f
	mtsrr0	%r10
	rfid
2:	ld	%r2, SAVED_TOC(%r1)
	ld	%r13, SAVED_R13(%r1)
	POP_FRAME
	blr

/* A further core, from OPAL: real mode, big-endian. Which one it is, PIR says. */
	.globl	opal_secondary_start
opal_secondary_start:
	OWN_ORDER
	mfspr	%r4, SPR_PIR
	LOAD_64	%r5, core_records
	li	%r3, 0
1:	ld	%r6, CORE_SERVER(%r5)
	cmpd	%r6, %r4
	beq	2f
	addi	%r5, %r5, CORE_SIZE
	addi	%r3, %r3, 1
	cmpdi	%r3, CORES_MAX
	blt	1b
	b	.			/* nobody asked for this one */
2:	b	secondary_start
