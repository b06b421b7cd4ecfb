/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt vectors, as boot.c puts them where they run, twice. With alternate interrupt location 3 an interrupt that finds the MMU
 * on enters the second set, at 0xc000000000004000 + vector, with the MMU left on. System reset and machine check,
 * and whatever comes before the MMU is on, enter the first set at real address vector (Power ISA 3.0B, Book III 6.4,
 * LPCR[AIL]).
 *
 * SPRG0: the frame of the thread that runs. SPRG1: scratch. SPRG2: this core's struct hal_core.
 */
#include "macros.h"

	.section .rodata.vectors, "a"
	.balign	4
	.globl	vectors_start, vectors_end
vectors_start:

/* One vector, five words behind its address. Handlers start with r12 = vector, r13 = core; r12 is kept in the core, r13 in SPRG1. */
.macro VECTOR set, number, handler
	.long	\set + \number
	mtsprg	1, %r13
	mfsprg	%r13, 2
	std	%r12, CORE_R12(%r13)
	li	%r12, \number
	b	\handler
.endm

.irp number, 0x100, 0x200, 0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900
	VECTOR	0, \number, real_mode_entry
.endr
	VECTOR	0, 0x980, hypervisor_real_mode_entry
.irp number, 0xa00, 0xb00, 0xc00, 0xd00
	VECTOR	0, \number, real_mode_entry
.endr
.irp number, 0xe00, 0xe20, 0xe40, 0xe60, 0xe80, 0xea0
	VECTOR	0, \number, hypervisor_real_mode_entry
.endr
.irp number, 0xf00, 0xf20, 0xf40, 0xf60
	VECTOR	0, \number, real_mode_entry
.endr
	VECTOR	0, 0xf80, hypervisor_real_mode_entry

.irp number, 0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900
	VECTOR	VECTORS_MAPPED, \number, trap_entry
.endr
	VECTOR	VECTORS_MAPPED, 0x980, hypervisor_trap_entry
.irp number, 0xa00, 0xb00
	VECTOR	VECTORS_MAPPED, \number, trap_entry
.endr
	/* r0, r6..r12, LR, CTR, CR and XER do not outlive a system call: they are free here. The kernel's code has no
	   `sc 0`, so this comes from user level. */
	.long	VECTORS_MAPPED + VECTOR_SYSTEM_CALL
	mfsprg	%r6, 0
	std	%r13, FRAME_GPR + 8 * 13(%r6)
	mfsprg	%r13, 2
	mfsrr0	%r10
	b	system_call_entry
	VECTOR	VECTORS_MAPPED, 0xd00, trap_entry
.irp number, 0xe00, 0xe20, 0xe40, 0xe60, 0xe80, 0xea0
	VECTOR	VECTORS_MAPPED, \number, hypervisor_trap_entry
.endr
.irp number, 0xf00, 0xf20, 0xf40, 0xf60
	VECTOR	VECTORS_MAPPED, \number, trap_entry
.endr
	VECTOR	VECTORS_MAPPED, 0xf80, hypervisor_trap_entry
vectors_end:
