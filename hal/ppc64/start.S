/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry from firmware, whose arguments in r3 to r9 the machine knows: real mode, perhaps 32-bit mode, big-endian, interrupts off.
 * Must be the image's first byte. An image that was loaded elsewhere than where it is linked, above that, copies itself there.
 *
 * In real mode the top four address bits are ignored if the first is 1 (Power ISA 3.0B, Book III 5.7.3), so the kernel runs at
 * its linked addresses at once, and turning translation on moves nothing.
 */
#include "macros.h"

	.section .head, "ax"
	.globl	_start
_start:
	OWN_ORDER
	mfmsr	%r12
	li	%r10, 1
	rldimi	%r12, %r10, 63, 0	/* MSR_SF: the 64-bit mode */
	mtmsrd	%r12
	isync
	bcl	20, 31, .+4
0:	mflr	%r10
	addi	%r10, %r10, _start - 0b	/* where this runs */
	lis	%r11, IMAGE_PHYSICAL@h
	cmpld	%r10, %r11
	bnel	image_copy
	LOAD_64	%r12, 1f
	mtctr	%r12
	bctr
1:	LOAD_64	%r2, .TOC.
	LOAD_64	%r1, kernel_stacks + KERNEL_STACK_STRIDE - STACK_HEADER
	LOAD_64	%r13, core_records

	LOAD_64	%r10, bss_start		/* both ends are multiples of 8 */
	LOAD_64	%r11, image_end
	li	%r0, 0
2:	std	%r0, 0(%r10)
	addi	%r10, %r10, 8
	cmpld	%r10, %r11
	blt	2b

	bl	boot_prepare		/* real mode; returns what core_main wants */
	nop
	ld	%r0, CORE_KERNEL_MSR(%r13)
	mtsrr1	%r0
	LOAD_64	%r12, 3f
	mtsrr0	%r12
	rfid
3:	bl	core_main		/* the MMU is on */
	nop
	b	resume

/* The image was loaded at r10 and belongs at r11: what is in the file is copied, upwards. Uses r0, r12, r14, CTR. */
image_copy:
	LOAD_64	%r12, bss_start
	LOAD_64	%r14, _start
	sub	%r12, %r12, %r14
	srdi	%r12, %r12, 3
	mtctr	%r12
	li	%r14, 0
1:	ldx	%r0, %r10, %r14
	stdx	%r0, %r11, %r14
	dcbst	%r11, %r14		/* instructions go through memory (Book II 4.3) */
	sync
	icbi	%r11, %r14
	addi	%r14, %r14, 8
	bdnz	1b
	isync
	blr

/* A further core, from firmware: real mode, 64-bit, big-endian, r3 = its number. */
	.globl	secondary_start
secondary_start:
	OWN_ORDER
	LOAD_64	%r12, 1f
	mtctr	%r12
	bctr
1:	LOAD_64	%r13, core_records
	mulli	%r3, %r3, CORE_SIZE
	add	%r13, %r13, %r3
	ld	%r1, CORE_STACK(%r13)
	ld	%r2, CORE_TOC(%r13)
	bl	core_secondary_prepare
	nop
	ld	%r0, CORE_KERNEL_MSR(%r13)
	mtsrr1	%r0
	LOAD_64	%r12, 2f
	mtsrr0	%r12
	rfid
2:	bl	core_secondary
	nop
	b	resume

	/* The cores' stacks; the page below each is never mapped (kernel_map.c). */
	.section .bss.stack, "aw", @nobits
	.balign	4096
	.globl	kernel_stacks, emergency_stacks
kernel_stacks:
	.skip	CORES_MAX * KERNEL_STACK_STRIDE
emergency_stacks:
	.skip	CORES_MAX * EMERGENCY_STACK_SIZE
