/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry from Open Firmware (IEEE 1275 PowerPC binding; SLOF, VOF): r3, r4 = archive or 0, r5 = client interface,
 * real mode, perhaps 32-bit mode, big-endian, interrupts off. Must be the image's first byte.
 *
 * In real mode a guest's top four address bits are ignored (Power ISA 3.0B, Book III 5.7.3), so the kernel runs at
 * its linked addresses at once, and turning translation on moves nothing.
 */
#include "macros.h"

	.section .head, "ax"
	.globl	_start
_start:
	OWN_ORDER
	mfmsr	%r9
	li	%r10, 1
	rldimi	%r9, %r10, 63, 0	/* MSR_SF: the 64-bit mode */
	mtmsrd	%r9
	isync
	LOAD_64	%r12, 1f
	mtctr	%r12
	bctr
1:	LOAD_64	%r2, .TOC.
	LOAD_64	%r1, kernel_stacks + KERNEL_STACK_STRIDE - STACK_HEADER
	LOAD_64	%r13, core_records

	LOAD_64	%r6, bss_start		/* both ends are multiples of 8 */
	LOAD_64	%r7, image_end
	li	%r0, 0
2:	std	%r0, 0(%r6)
	addi	%r6, %r6, 8
	cmpld	%r6, %r7
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
