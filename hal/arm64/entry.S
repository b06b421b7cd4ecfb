/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways into the kernel and out of it.
 *
 * While user level runs, SP_EL1 is the address of the frame that was resumed, so an entry stores without
 * looking for anything; TPIDR_EL1 is the top of the core's kernel stack (its struct core). In the kernel
 * SP_EL1 is that stack. The layout of the vector table is section D1.3.1 of the Arm ARM (DDI 0487).
 */
#include "offsets.h"

#define ESR_SVC 0x5600 /* upper half of ESR_EL1 for svc #0 from AArch64 */

	/* All of user level's registers into the frame at sp. */
	.macro	save_full
	stp	x0, x1, [sp, #FRAME_X(0)]
	stp	x2, x3, [sp, #FRAME_X(2)]
	stp	x4, x5, [sp, #FRAME_X(4)]
	stp	x6, x7, [sp, #FRAME_X(6)]
	stp	x8, x9, [sp, #FRAME_X(8)]
	stp	x10, x11, [sp, #FRAME_X(10)]
	stp	x12, x13, [sp, #FRAME_X(12)]
	stp	x14, x15, [sp, #FRAME_X(14)]
	stp	x16, x17, [sp, #FRAME_X(16)]
	stp	x18, x19, [sp, #FRAME_X(18)]
	stp	x20, x21, [sp, #FRAME_X(20)]
	stp	x22, x23, [sp, #FRAME_X(22)]
	stp	x24, x25, [sp, #FRAME_X(24)]
	stp	x26, x27, [sp, #FRAME_X(26)]
	stp	x28, x29, [sp, #FRAME_X(28)]
	mrs	x0, sp_el0
	stp	x30, x0, [sp, #FRAME_X(30)]	/* and FRAME_SP */
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #FRAME_IP]		/* and FRAME_FLAGS */
	mrs	x3, tpidr_el0
	mov	x4, #SAVED_ALL
	stp	x3, x4, [sp, #FRAME_THREAD_POINTER] /* and FRAME_PARTIAL */
	.endm

	/* x0 = frame; sp = the kernel stack. */
	.macro	enter_kernel
	mrs	x3, tpidr_el1
	mov	x0, sp
	mov	sp, x3
	.endm

	/* What a C function may change and a system call neither preserves nor returns. */
	.macro	zero_scratch
	.irp	n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 30
	mov	x\n, xzr
	.endr
	.endm

	/* All that a system call neither preserves nor returns: what a C function preserves may be another thread's. */
	.macro	zero_rest
	zero_scratch
	mov	x27, xzr
	mov	x28, xzr
	.endm

	/* Nothing that ends here can go on: exception_fatal(registers, number of the vector). */
	.macro	fatal_vector
	.balign	128
	msr	tpidrro_el0, x30
	bl	fatal
	.endm

	.text
	.balign	2048
	.globl	vectors
vectors:
	.rept	4		/* from EL1 with SP_EL0, which is never used */
	fatal_vector
	.endr

	fatal_vector		/* from EL1 with SP_EL1: synchronous */
	.balign	128
	b	interrupt_in_kernel
	fatal_vector
	fatal_vector

	.balign	128		/* from EL0 in AArch64: synchronous */
	stp	x3, x4, [sp, #FRAME_X(3)]
	mrs	x3, esr_el1
	movz	x4, #ESR_SVC, lsl #16
	cmp	x3, x4
	b.ne	exception_of_user

	mrs	x3, sp_el0			/* a system call: what it preserves */
	mrs	x4, elr_el1
	stp	x3, x4, [sp, #FRAME_SP]		/* and FRAME_IP */
	mrs	x3, tpidr_el0
	stp	x3, xzr, [sp, #FRAME_THREAD_POINTER] /* and FRAME_PARTIAL: SAVED_FEW */
	str	x29, [sp, #FRAME_X(29)]
	mrs	x5, tpidr_el1
	mov	x3, sp
	mov	sp, x5
	ldr	x4, [x5, #CORE_DATA]
	mov	x5, x19
	bl	core_ipc
	tbz	x0, #0, return_with_message	/* ENTRY_NOT_FAST */
	b	not_fast

	.balign	128		/* interrupt */
	save_full
	enter_kernel
	bl	interrupt_handle
	bl	core_resume
	b	return_to_user

	fatal_vector		/* FIQ: every interrupt is in group 1 */

	.balign	128		/* SError */
	b	error_of_user

	.rept	4		/* from EL0 in AArch32, which no thread can enter */
	fatal_vector
	.endr

	.org	vectors + 2048	/* an error if an entry is longer than 128 bytes */

/* x0 = the frame of a thread that received a message; the words are in x19-x26. */
return_with_message:
	mov	sp, x0
	ldp	x2, x3, [x0, #FRAME_SP]		/* and FRAME_IP */
	ldr	x4, [x0, #FRAME_THREAD_POINTER]
	msr	sp_el0, x2
	msr	elr_el1, x3
	msr	tpidr_el0, x4
	msr	spsr_el1, xzr
	ldp	x29, x2, [x0, #FRAME_X(29)]	/* the tag; x1 is the badge already */
	mov	x0, #STATUS_RECEIVED
	zero_rest
	eret
	dsb	nsh				/* no speculation past the return */
	isb

/* x0 = a frame and the reason. */
not_fast:
	tbz	x0, #1, 1f			/* not ENTRY_DONE */

/* Nothing came, and x1 = the status: SP_EL0, ELR_EL1 and all that C preserves are still the caller's. */
	and	sp, x0, #~ENTRY_REASON
	msr	spsr_el1, xzr
	mov	x0, x1
	mov	x1, xzr
	mov	x2, xzr
	zero_scratch
	eret
	dsb	nsh
	isb

1:	tbnz	x0, #2, 2f			/* ENTRY_RESUME */
	bic	x0, x0, #ENTRY_REASON
	stp	x19, x20, [x0, #FRAME_X(19)]
	stp	x21, x22, [x0, #FRAME_X(21)]
	stp	x23, x24, [x0, #FRAME_X(23)]
	stp	x25, x26, [x0, #FRAME_X(25)]
	mov	x1, #SAVED_MESSAGE
	str	x1, [x0, #FRAME_PARTIAL]
	bl	core_syscall
	b	return_to_user
2:	bic	x0, x0, #ENTRY_REASON
	b	return_to_user

exception_of_user:
	ldp	x3, x4, [sp, #FRAME_X(3)]
error_of_user:
	save_full
	enter_kernel
	bl	exception_from_user

/* x0 = frame to resume. A partial one is the end of a system call: every register that ipc does not preserve or
   return is zero, and so is PSTATE (EL0, AArch64, nothing masked, NZCV = 0). A reservation does not survive eret (B2.12.1). */
	.globl	return_to_user
return_to_user:
	mov	sp, x0
	mrs	x5, tpidr_el1
	ldp	x1, x2, [x0, #FRAME_SP]		/* and FRAME_IP */
	ldp	x3, x4, [x0, #FRAME_THREAD_POINTER] /* and FRAME_PARTIAL */
	ldr	w6, [x0, #FRAME_STEP]
	ldr	w7, [x5, #CORE_STEPPING]
	cmp	w6, w7
	b.ne	change_stepping
return_stepping:
	msr	sp_el0, x1
	msr	elr_el1, x2
	msr	tpidr_el0, x3
	tbnz	x4, #1, 1f			/* SAVED_ALL */
	msr	spsr_el1, xzr
	ldr	x2, [x0, #FRAME_X(2)]
	ldp	x19, x20, [x0, #FRAME_X(19)]
	ldp	x21, x22, [x0, #FRAME_X(21)]
	ldp	x23, x24, [x0, #FRAME_X(23)]
	ldp	x25, x26, [x0, #FRAME_X(25)]
	ldr	x29, [x0, #FRAME_X(29)]
	ldp	x0, x1, [x0, #FRAME_X(0)]
	zero_rest
	eret
	dsb	nsh
	isb

1:	ldr	x1, [x0, #FRAME_FLAGS]
	msr	spsr_el1, x1
	ldp	x2, x3, [x0, #FRAME_X(2)]
	ldp	x4, x5, [x0, #FRAME_X(4)]
	ldp	x6, x7, [x0, #FRAME_X(6)]
	ldp	x8, x9, [x0, #FRAME_X(8)]
	ldp	x10, x11, [x0, #FRAME_X(10)]
	ldp	x12, x13, [x0, #FRAME_X(12)]
	ldp	x14, x15, [x0, #FRAME_X(14)]
	ldp	x16, x17, [x0, #FRAME_X(16)]
	ldp	x18, x19, [x0, #FRAME_X(18)]
	ldp	x20, x21, [x0, #FRAME_X(20)]
	ldp	x22, x23, [x0, #FRAME_X(22)]
	ldp	x24, x25, [x0, #FRAME_X(24)]
	ldp	x26, x27, [x0, #FRAME_X(26)]
	ldp	x28, x29, [x0, #FRAME_X(28)]
	ldr	x30, [x0, #FRAME_X(30)]
	ldp	x0, x1, [x0, #FRAME_X(0)]
	eret
	dsb	nsh
	isb

/* Section D2.12: MDSCR_EL1.SS decides what eret does with SPSR_EL1.SS, which a partial frame has clear. */
change_stepping:
	str	w6, [x5, #CORE_STEPPING]
	mrs	x7, mdscr_el1
	bfi	x7, x6, #0, #1
	msr	mdscr_el1, x7
	isb
	b	return_stepping

/* An interrupt in hal_preempt_window() or hal_core_idle(): saves what a C function may change, and goes on. */
interrupt_in_kernel:
	stp	x29, x30, [sp, #-192]!
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	stp	x8, x9, [sp, #80]
	stp	x10, x11, [sp, #96]
	stp	x12, x13, [sp, #112]
	stp	x14, x15, [sp, #128]
	stp	x16, x17, [sp, #144]
	mrs	x0, elr_el1
	stp	x18, x0, [sp, #160]
	mrs	x0, spsr_el1
	str	x0, [sp, #176]
	bl	interrupt_handle
	ldr	x0, [sp, #176]
	msr	spsr_el1, x0
	ldp	x18, x0, [sp, #160]
	msr	elr_el1, x0
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldp	x6, x7, [sp, #64]
	ldp	x8, x9, [sp, #80]
	ldp	x10, x11, [sp, #96]
	ldp	x12, x13, [sp, #112]
	ldp	x14, x15, [sp, #128]
	ldp	x16, x17, [sp, #144]
	ldp	x29, x30, [sp], #192
	eret
	dsb	nsh
	isb

/* From fatal_vector: x30 tells which one, its own value is in TPIDRRO_EL0. Gives up TPIDR_EL0 as a scratch register. sp may be
   anything, so the report runs at the far end of the core's stack: what called what stays there for a debugger. */
fatal:
	msr	tpidr_el0, x0
	mrs	x0, tpidr_el1
	add	x0, x0, #CORE_FATAL_FRAME
	str	x1, [x0, #FRAME_X(1)]
	stp	x2, x3, [x0, #FRAME_X(2)]
	stp	x4, x5, [x0, #FRAME_X(4)]
	stp	x6, x7, [x0, #FRAME_X(6)]
	stp	x8, x9, [x0, #FRAME_X(8)]
	stp	x10, x11, [x0, #FRAME_X(10)]
	stp	x12, x13, [x0, #FRAME_X(12)]
	stp	x14, x15, [x0, #FRAME_X(14)]
	stp	x16, x17, [x0, #FRAME_X(16)]
	stp	x18, x19, [x0, #FRAME_X(18)]
	stp	x20, x21, [x0, #FRAME_X(20)]
	stp	x22, x23, [x0, #FRAME_X(22)]
	stp	x24, x25, [x0, #FRAME_X(24)]
	stp	x26, x27, [x0, #FRAME_X(26)]
	stp	x28, x29, [x0, #FRAME_X(28)]
	mrs	x1, tpidr_el0
	str	x1, [x0, #FRAME_X(0)]
	mrs	x1, tpidrro_el0
	mov	x2, sp
	stp	x1, x2, [x0, #FRAME_X(30)]	/* and FRAME_SP */
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [x0, #FRAME_IP]		/* and FRAME_FLAGS */
	mov	x1, #SAVED_ALL
	stp	xzr, x1, [x0, #FRAME_THREAD_POINTER] /* and FRAME_PARTIAL */
	mrs	x1, tpidr_el1
	sub	sp, x1, #CORE_REPORT
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	sub	x1, x30, x1
	lsr	x1, x1, #7
	bl	exception_fatal

/* semihosting_call(operation, argument): where nobody serves it this is an undefined instruction. */
	.globl	semihosting_call, semihosting_trap
semihosting_call:
semihosting_trap:
	hlt	#0xf000
	ret
