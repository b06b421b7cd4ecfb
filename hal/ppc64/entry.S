/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into the kernel and out of it. User registers go to the frame that was resumed last (SPRG0): a system call saves
 * what ipc reads or preserves, everything else saves all. In the kernel r13 is the core, r2 the TOC; both are the
 * same everywhere in it. Interrupts are off from entry to rfid.
 */
#include "macros.h"

	.text

/* What a C function may change is zero behind a system call. Leaves r0 = 0. */
	.macro	SCRATCH
	li	%r0, 0
	mtlr	%r0
	mtctr	%r0
	mtxer	%r0
	mtcr	%r0
	.endm

/* The constants of what a system call does not preserve, but for SRR1. Uses r0, r5. */
	.macro	CONSTANTS
	ld	%r5, CORE_PPR(%r13)
	mtspr	SPR_PPR, %r5
	SCRATCH
	mtspr	SPR_VRSAVE, %r0
	.endm

/* The frame in r3 will be that of the thread that runs. Uses r0. */
	.macro	SET_FRAME
	mtsprg	0, %r3
	ld	%r0, CORE_USER_MSR(%r13)
	mtsrr1	%r0
	ld	%r0, FRAME_IP(%r3)
	mtsrr0	%r0
	.endm

/* r6 = frame, where r13 and SAVED_FEW are already; r13 = core, r10 = ip. The bits of the reason are moved to CR7. */
	.globl	system_call_entry
system_call_entry:
	SAVE_GPRS 1, 2, %r6
	std	%r31, FRAME_GPR + 8 * 31(%r6)
	std	%r10, FRAME_IP(%r6)
	ld	%r1, CORE_STACK(%r13)
	ld	%r2, CORE_TOC(%r13)
	ld	%r7, CORE_DATA(%r13)
	mr	%r8, %r14
	bl	core_ipc
	mtocrf	0x01, %r3
	bt	31, not_fast		/* ENTRY_NOT_FAST */

	/* The message goes from thread to thread in r14-r21. */
	SET_FRAME
	CONSTANTS
	LOAD_GPRS 1, 2, %r3
	LOAD_GPRS 5, 5, %r3
	ZERO_GPRS 6, 12
	ld	%r13, FRAME_GPR + 8 * 13(%r3)
	ZERO_GPRS 22, 30
	ld	%r31, FRAME_GPR + 8 * 31(%r3)
	li	%r3, STATUS_RECEIVED
	rfid

/* r3 = a frame and the reason. */
not_fast:
	clrrdi	%r3, %r3, 3
	bf	30, 1f			/* not ENTRY_DONE */

	/* Nothing came, and r4 = the status: what C preserves, PPR and VRSAVE are still the caller's. A hypervisor call uses SRR0 and SRR1. */
	ld	%r0, CORE_USER_MSR(%r13)
	mtsrr1	%r0
	ld	%r0, FRAME_IP(%r3)
	mtsrr0	%r0
	SCRATCH
	LOAD_GPRS 1, 2, %r3
	ld	%r13, FRAME_GPR + 8 * 13(%r3)
	mr	%r3, %r4
	ZERO_GPRS 4, 12
	rfid

1:	bt	29, resume		/* ENTRY_RESUME */
	li	%r0, SAVED_MESSAGE
	std	%r0, FRAME_PARTIAL(%r3)
	SAVE_GPRS 14, 21, %r3
	bl	core_syscall
	nop
/* r3 = the frame to resume at user level. */
	.globl	resume
resume:
	SET_FRAME
	ld	%r4, FRAME_PARTIAL(%r3)
	li	%r0, SAVED_FEW
	std	%r0, FRAME_PARTIAL(%r3)	/* what system_call_entry relies on */
	cmpdi	%r4, SAVED_ALL
	beq	resume_full

	/* After a system call: what it does not preserve is constant. */
	CONSTANTS
	LOAD_GPRS 1, 2, %r3
	LOAD_GPRS 4, 5, %r3
	ZERO_GPRS 6, 12
	LOAD_GPRS 13, 21, %r3
	ZERO_GPRS 22, 30
	ld	%r31, FRAME_GPR + 8 * 31(%r3)
	ld	%r3, FRAME_GPR + 8 * 3(%r3)
	rfid

resume_full:
	/* A reservation does not survive: a store conditional ends it, wherever it was (Book II 1.7.2.1). */
	addi	%r4, %r13, CORE_RESERVATION
	stdcx.	%r0, 0, %r4

/* r3 = a full frame, SRR1 is set. */
restore:
	ld	%r4, FRAME_IP(%r3)
	mtsrr0	%r4
	ld	%r4, FRAME_LR(%r3)
	mtlr	%r4
	ld	%r4, FRAME_CTR(%r3)
	mtctr	%r4
	ld	%r4, FRAME_XER(%r3)
	mtxer	%r4
	ld	%r4, FRAME_CR(%r3)
	mtcr	%r4
	ld	%r4, FRAME_VRSAVE(%r3)
	mtspr	SPR_VRSAVE, %r4
	ld	%r4, FRAME_PPR(%r3)
	mtspr	SPR_PPR, %r4
	LOAD_GPRS 0, 2, %r3
	LOAD_GPRS 4, 31, %r3
	ld	%r3, FRAME_GPR + 8 * 3(%r3)
	rfid

/* The hypervisor's interrupts leave address and state in registers of their own; SRR0 and SRR1 are free in user level and wherever the
   kernel opens interrupts. Uses r11, which it gives back. */
	.macro	HSRR_TO_SRR
	std	%r11, CORE_R11(%r13)
	mfspr	%r11, SPR_HSRR0
	mtsrr0	%r11
	mfspr	%r11, SPR_HSRR1
	mtsrr1	%r11
	ld	%r11, CORE_R11(%r13)
	.endm

	.globl	hypervisor_trap_entry
hypervisor_trap_entry:
	HSRR_TO_SRR

/* Every interrupt but the system call, MMU on: r12 = vector, r13 = core. */
	.globl	trap_entry
trap_entry:
	std	%r11, CORE_R11(%r13)
	mfcr	%r11
	std	%r11, CORE_CR(%r13)
	mfsrr1	%r11
	andi.	%r11, %r11, MSR_PR
	beq	trap_from_kernel
	mfsprg	%r11, 0
	SAVE_FRAME
	ld	%r1, CORE_STACK(%r13)
	ld	%r2, CORE_TOC(%r13)
	mr	%r3, %r11
	bl	trap_user
	nop
	b	resume

/* Only an interrupt may come from the kernel, in a window that opened them; it returns there. */
trap_from_kernel:
	cmpwi	%r12, VECTOR_DECREMENTER
	beq	1f
	cmpwi	%r12, VECTOR_EXTERNAL
	beq	1f
	cmpwi	%r12, VECTOR_DOORBELL
	beq	1f
	cmpwi	%r12, VECTOR_HYPERVISOR_DOORBELL
	beq	1f
	cmpwi	%r12, VECTOR_HYPERVISOR_EXTERNAL
	beq	1f
	cmpwi	%r12, VECTOR_PERFORMANCE_MONITOR
	beq	1f
	ld	%r11, CORE_EMERGENCY_FRAME(%r13)
	SAVE_FRAME
	ld	%r1, CORE_EMERGENCY_STACK(%r13)
	ld	%r2, CORE_TOC(%r13)
	mr	%r3, %r11
	bl	trap_kernel		/* does not return */
	nop
1:	addi	%r11, %r1, -(STACK_PROTECTED + FRAME_SIZE)
	SAVE_FRAME
	addi	%r1, %r11, -STACK_HEADER
	ld	%r0, FRAME_GPR + 8 * 1(%r11)
	std	%r0, 0(%r1)		/* back chain */
	mr	%r3, %r11
	bl	trap_interrupt
	nop
	addi	%r3, %r1, STACK_HEADER
	ld	%r0, FRAME_MSR(%r3)
	mtsrr1	%r0
	b	restore

/*
 * System reset and machine check, and anything before the MMU is on: real mode, r12 = vector, r13 = core. Only a
 * machine check that user level caused may go on, with its thread's frame; all else has a frame and a stack of its own.
 */
	.globl	real_mode_entry, hypervisor_real_mode_entry
hypervisor_real_mode_entry:
	HSRR_TO_SRR
real_mode_entry:
	std	%r11, CORE_R11(%r13)
	mfcr	%r11
	std	%r11, CORE_CR(%r13)
	cmpwi	%r12, VECTOR_MACHINE_CHECK
	bne	1f
	mfsrr1	%r11
	andi.	%r11, %r11, MSR_PR
	beq	1f
	mfsprg	%r11, 0
	SAVE_FRAME
	ld	%r1, CORE_STACK(%r13)
	b	2f
1:	ld	%r11, CORE_EMERGENCY_FRAME(%r13)
	SAVE_FRAME
	ld	%r1, CORE_EMERGENCY_STACK(%r13)
2:	ld	%r2, CORE_TOC(%r13)
	ld	%r0, CORE_KERNEL_MSR(%r13)
	mtsrr1	%r0
	LOAD_64	%r12, trap_machine
	mtsrr0	%r12
	LOAD_64	%r12, resume
	mtlr	%r12
	LOAD_64	%r12, trap_machine	/* ELFv2: a function entered by address finds it in r12 */
	mr	%r3, %r11
	rfid

/* Saves all registers to the frame r11 except LR and the vector, which SAVE_FRAME has saved. Leaves r11, r13. */
	.globl	save_frame
save_frame:
	SAVE_GPRS 0, 10, %r11
	ld	%r3, CORE_R11(%r13)
	std	%r3, FRAME_GPR + 8 * 11(%r11)
	ld	%r3, CORE_R12(%r13)
	std	%r3, FRAME_GPR + 8 * 12(%r11)
	mfsprg	%r3, 1
	std	%r3, FRAME_GPR + 8 * 13(%r11)
	SAVE_GPRS 14, 31, %r11
	mfsrr0	%r3
	std	%r3, FRAME_IP(%r11)
	mfsrr1	%r3
	std	%r3, FRAME_MSR(%r11)
	mfctr	%r3
	std	%r3, FRAME_CTR(%r11)
	ld	%r3, CORE_CR(%r13)
	std	%r3, FRAME_CR(%r11)
	mfxer	%r3
	std	%r3, FRAME_XER(%r11)
	mfspr	%r3, SPR_VRSAVE
	std	%r3, FRAME_VRSAVE(%r11)
	mfspr	%r3, SPR_PPR
	std	%r3, FRAME_PPR(%r11)
	mfspr	%r3, SPR_DAR
	std	%r3, FRAME_DAR(%r11)
	mfspr	%r3, SPR_DSISR
	std	%r3, FRAME_DSISR(%r11)
	li	%r3, SAVED_ALL
	std	%r3, FRAME_PARTIAL(%r11)
	blr
