/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int openfirmware_call(uint64_t request, uint64_t entry): one call through the Open Firmware client interface, in
 * real mode. Both are real addresses below 4 GiB.
 *
 * The interface is 32-bit (IEEE 1275 PowerPC binding 8.2): firmware may keep no more than the low halves of the
 * registers that it preserves, and use our stack. So all are saved here, and the stack pointer becomes a real address.
 * It is big-endian, too.
 */
#include "macros.h"

#define SAVED 32 /* r14 and up from here */
#define SAVED_MSR (SAVED + 8 * 18)
#define SAVED_SIZE (SAVED + 8 * 22)
	.text
	.globl	openfirmware_call
	.type	openfirmware_call, @function
openfirmware_call:
	PUSH_FRAME SAVED_SIZE
	.set	number, 14
	.rept	18
	std	number, SAVED + 8 * (number - 14)(%r1)
	.set	number, number + 1
	.endr
	mfmsr	%r5
	std	%r5, SAVED_MSR(%r1)
	std	%r2, SAVED_MSR + 8(%r1)
	std	%r13, SAVED_MSR + 16(%r1)
	clrldi	%r1, %r1, 32
	LOAD_64	%r6, 1f
	clrldi	%r6, %r6, 32
	mtlr	%r6
	clrldi	%r5, %r5, 1		/* MSR_SF off: 32-bit mode */
	clrrdi	%r5, %r5, 1		/* MSR_LE off */
	mtsrr1	%r5
	mtsrr0	%r4
	rfid
1:	OWN_ORDER
	ld	%r5, SAVED_MSR(%r1)
	mtmsrd	%r5
	isync
	clrldi	%r1, %r1, 32
	ld	%r2, SAVED_MSR + 8(%r1)
	ld	%r13, SAVED_MSR + 16(%r1)
	.set	number, 14
	.rept	18
	ld	number, SAVED + 8 * (number - 14)(%r1)
	.set	number, number + 1
	.endr
	POP_FRAME
	extsw	%r3, %r3
	blr
