/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into the kernel and out of it.
 *
 * In user mode sscratch points to the frame that was resumed; in the kernel it is 0. The kernel never
 * lets interrupts in (it polls sip, see interrupt.c), so a trap with sscratch = 0 is an error in the
 * kernel and does not return. Hence sstatus, but for FS (fpu.c), is the same for every return to user mode
 * and is not written here: a trap from U-mode leaves SPP = 0, which is what sret wants.
 */
#include "layout.h"

#define CAUSE_USER_ECALL 8
#define POWER_FAIL 2

/* What a system call keeps, but for ip and sp. */
	.macro save_few
	sd gp, FRAME_GP(sp)
	sd tp, FRAME_TP(sp)
	sd s0, FRAME_S0(sp)
	.endm

	.macro load_few
	ld s0, FRAME_S0(a0)
	ld gp, FRAME_GP(a0)
	ld tp, FRAME_TP(a0)
	ld sp, FRAME_SP(a0)
	.endm

/* The words of a message, into the frame in `frame`. */
	.macro save_words frame
	sd s2, FRAME_S2(\frame)
	sd s3, FRAME_S3(\frame)
	sd s4, FRAME_S4(\frame)
	sd s5, FRAME_S5(\frame)
	sd s6, FRAME_S6(\frame)
	sd s7, FRAME_S7(\frame)
	sd s8, FRAME_S8(\frame)
	sd s9, FRAME_S9(\frame)
	.endm

/* What a system call keeps or carries, but for ip and sp. */
	.macro save_ipc
	save_few
	sd a0, FRAME_A0(sp)
	sd a1, FRAME_A1(sp)
	sd a2, FRAME_A2(sp)
	save_words sp
	.endm

/* What a C function may change and a system call neither keeps nor carries comes back as zero. */
	.macro zero_scratch
	mv ra, zero
	mv t0, zero
	mv t1, zero
	mv t2, zero
	mv t3, zero
	mv t4, zero
	mv t5, zero
	mv t6, zero
	mv a3, zero
	mv a4, zero
	mv a5, zero
	mv a6, zero
	mv a7, zero
	.endm

/* All that a system call neither keeps nor carries: what a C function preserves may be another thread's. */
	.macro zero_rest
	zero_scratch
	mv s1, zero
	mv s10, zero
	mv s11, zero
	.endm

/* The same from the frame in a0, and sp, but not ip and a0. */
	.macro load_ipc
	ld a1, FRAME_A1(a0)
	ld a2, FRAME_A2(a0)
	ld s2, FRAME_S2(a0)
	ld s3, FRAME_S3(a0)
	ld s4, FRAME_S4(a0)
	ld s5, FRAME_S5(a0)
	ld s6, FRAME_S6(a0)
	ld s7, FRAME_S7(a0)
	ld s8, FRAME_S8(a0)
	ld s9, FRAME_S9(a0)
	load_few
	.endm

/* All others, but for t0. */
	.macro save_rest
	sd ra, FRAME_RA(sp)
	sd t1, FRAME_T1(sp)
	sd t2, FRAME_T2(sp)
	sd t3, FRAME_T3(sp)
	sd t4, FRAME_T4(sp)
	sd t5, FRAME_T5(sp)
	sd t6, FRAME_T6(sp)
	sd a3, FRAME_A3(sp)
	sd a4, FRAME_A4(sp)
	sd a5, FRAME_A5(sp)
	sd a6, FRAME_A6(sp)
	sd a7, FRAME_A7(sp)
	sd s1, FRAME_S1(sp)
	sd s10, FRAME_S10(sp)
	sd s11, FRAME_S11(sp)
	.endm

	.text
	.balign 4
	.globl trap_entry
trap_entry:
	csrrw sp, sscratch, sp
	beqz sp, kernel_trap
	sd t0, FRAME_T0(sp)
	csrr t0, scause
	addi t0, t0, -CAUSE_USER_ECALL
	bnez t0, full_save

	csrr t1, sepc
	csrrw t2, sscratch, zero
	addi t1, t1, 4
	sd t1, FRAME_IP(sp)
	sd t2, FRAME_SP(sp)
	save_few /* SAVED_FEW is there already */
	mv a3, sp
	ld tp, FRAME_CORE(sp)
	mv a5, s2
	ld a4, CORE_DATA(tp)
	mv sp, tp
	call core_ipc
	andi t0, a0, ENTRY_NOT_FAST
	bnez t0, not_fast

/* The message goes from thread to thread in s2-s9. */
	csrw sscratch, a0
	sd tp, FRAME_CORE(a0)
	ld t0, FRAME_IP(a0)
	csrw sepc, t0
	ld a2, FRAME_A2(a0)
	load_few
	zero_rest
	li a0, STATUS_RECEIVED
	sret

/* a0: a frame, with the reason in its low bits. */
not_fast:
	andi t0, a0, ENTRY_DONE - ENTRY_NOT_FAST
	beqz t0, 1f

/* Nothing came, and a1 is the status: gp and what C preserves are still the caller's. */
	addi a0, a0, -ENTRY_DONE
	csrw sscratch, a0
	ld t0, FRAME_IP(a0)
	csrw sepc, t0
	ld tp, FRAME_TP(a0)
	ld sp, FRAME_SP(a0)
	mv a0, a1
	mv a1, zero
	mv a2, zero
	zero_scratch
	sret

1:	andi t0, a0, ENTRY_REASON
	xor a0, a0, t0
	addi t0, t0, -ENTRY_GENERAL
	bnez t0, trap_resume
	save_words a0
	li t0, SAVED_MESSAGE
	sd t0, FRAME_FULL(a0)
	call core_syscall
	j trap_resume

/* Resumes the frame in a0. */
	.globl trap_resume
trap_resume:
	sd tp, FRAME_CORE(a0)
	csrw sscratch, a0
	ld t0, FRAME_IP(a0)
	ld t1, FRAME_FULL(a0)
	sd zero, FRAME_FULL(a0) /* SAVED_FEW: what the entry relies on */
	csrw sepc, t0
	addi t1, t1, -SAVED_ALL
	beqz t1, full_resume

	load_ipc
	zero_rest
	ld a0, FRAME_A0(a0)
	sret

full_resume:
	/* A reservation of whoever ran before must not pair with this thread's sc. If it succeeds it stores what is there
	   (ip is the frame's first word). */
	sc.d zero, t0, (a0)
	load_ipc
	ld ra, FRAME_RA(a0)
	ld t0, FRAME_T0(a0)
	ld t1, FRAME_T1(a0)
	ld t2, FRAME_T2(a0)
	ld t3, FRAME_T3(a0)
	ld t4, FRAME_T4(a0)
	ld t5, FRAME_T5(a0)
	ld t6, FRAME_T6(a0)
	ld a3, FRAME_A3(a0)
	ld a4, FRAME_A4(a0)
	ld a5, FRAME_A5(a0)
	ld a6, FRAME_A6(a0)
	ld a7, FRAME_A7(a0)
	ld s1, FRAME_S1(a0)
	ld s10, FRAME_S10(a0)
	ld s11, FRAME_S11(a0)
	ld a0, FRAME_A0(a0)
	sret

full_save:
	save_rest
	csrr t0, sepc
	csrrw t1, sscratch, zero
	sd t0, FRAME_IP(sp)
	sd t1, FRAME_SP(sp)
	save_ipc
	li t0, SAVED_ALL
	sd t0, FRAME_FULL(sp)
	mv a0, sp
	ld tp, FRAME_CORE(sp)
	mv sp, tp
	call trap_user
	j trap_resume

/* An error in the kernel. Its stack may be what is broken (sscratch has the old sp): another one is used. */
kernel_trap:
	la sp, fault_seen
	amoswap.d sp, sp, (sp)
	bnez sp, second_fault
	la sp, fault_frame
	sd t0, FRAME_T0(sp)
	save_rest
	save_ipc
	csrr t0, sepc
	csrrw t1, sscratch, zero
	sd t0, FRAME_IP(sp)
	sd t1, FRAME_SP(sp)
	li t0, SAVED_ALL
	sd t0, FRAME_FULL(sp)
	mv a0, sp
	la sp, fault_stack
	call trap_kernel

/* Not the first one. While that was reported, on the stack for it: no report, then. On another core: the first core ends
   the machine. */
second_fault:
	csrrw t0, sscratch, zero
	la sp, fault_stack
	sub t0, sp, t0
	li t1, FAULT_STACK_SIZE
	bgtu t0, t1, 1f
	li a0, POWER_FAIL
	call hal_stop
1:	csrw sie, zero
2:	wfi
	j 2b

	.bss
	.balign 16
fault_seen:
	.dword 0
	.balign 16
fault_frame:
	.space FRAME_SIZE
	.space FAULT_STACK_SIZE
fault_stack:
