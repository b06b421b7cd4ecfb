/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP, vector and VSX state: VSR 0..63 (which contain the FP and vector registers), FPSCR, VSCR. VRSAVE is part of the
 * frame. A zeroed area is the initial state: all exceptions off, round to nearest. The units are on while this runs.
 */
#include "macros.h"

#define AREA_FPSCR 1024
#define AREA_VSCR 1040
#define MSR_UNITS_HIGH 0x0280 /* VEC, VSX: bits 25, 23 */
#define MSR_UNITS_LOW 0x2000  /* FP */

.macro UNITS_ON
	mfmsr	%r5
	mr	%r6, %r5
	oris	%r6, %r6, MSR_UNITS_HIGH
	ori	%r6, %r6, MSR_UNITS_LOW
	mtmsrd	%r6
	isync
.endm

.macro UNITS_BACK
	mtmsrd	%r5
	isync
	blr
.endm

	.text
	.globl	hal_fpu_save
	.type	hal_fpu_save, @function
hal_fpu_save:
	UNITS_ON
	li	%r4, 0
	.set	number, 0
	.rept	64
	stxvd2x	number, %r4, %r3
	addi	%r4, %r4, 16
	.set	number, number + 1
	.endr
	mffs	%f0
	stfd	%f0, AREA_FPSCR(%r3)
	mfvscr	%v0
	li	%r4, AREA_VSCR
	stvx	%v0, %r4, %r3
	lxvd2x	0, 0, %r3		/* as they were */
	li	%r4, 32 * 16
	lxvd2x	32, %r4, %r3
	UNITS_BACK

	.globl	hal_fpu_load
	.type	hal_fpu_load, @function
hal_fpu_load:
	UNITS_ON
	lfd	%f0, AREA_FPSCR(%r3)
	mtfsf	0xff, %f0, 1, 0
	li	%r4, AREA_VSCR
	lvx	%v0, %r4, %r3
	mtvscr	%v0
	li	%r4, 0
	.set	number, 0
	.rept	64
	lxvd2x	number, %r4, %r3
	addi	%r4, %r4, 16
	.set	number, number + 1
	.endr
	UNITS_BACK
