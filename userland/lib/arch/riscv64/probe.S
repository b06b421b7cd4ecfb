/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests look into the processor with: see userland/lib/include/probe.h.
 */
#define WORD(number) (8 * (number))

/* Indices of REGISTERS_GENERAL (abi/riscv64/registers.h), which probe.c asserts; `each` below has the same order. */
#define IP 0
#define SP 1
#define A0 5
#define COUNT 32

/* The stack of a probe: COUNT words, in and out, then what C wants preserved. */
#define ARGUMENTS WORD(COUNT)
#define PRESERVED (ARGUMENTS + 16)
#define SIZE (PRESERVED + 16 * 8)

/* For each general register but sp and a0: does `instruction` with its place relative to `base`. */
	.macro each instruction, base
	.set index, 2
	.irp register, gp, tp, s0
	\instruction \register, 8 * index(\base)
	.set index, index + 1
	.endr
	.set index, 6
	.irp register, a1, a2, s2, s3, s4, s5, s6, s7, s8, s9, ra, t0, t1, t2, t3, t4, t5, t6, a3, a4, a5, a6, a7, s1, s10, s11
	\instruction \register, 8 * index(\base)
	.set index, index + 1
	.endr
	.endm

	.macro preserved instruction
	.set index, 0
	.irp register, ra, gp, tp, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
	\instruction \register, PRESERVED + 8 * index(sp)
	.set index, index + 1
	.endr
	.endm

/* name(in, out). The instruction takes 4 bytes. */
	.macro probe name, instruction:vararg
	.globl \name, \name\()_end
	.type \name, @function
\name:
	addi sp, sp, -SIZE
	sd a0, ARGUMENTS(sp)
	sd a1, ARGUMENTS + 8(sp)
	preserved sd
	lla t0, 1f
	sd t0, WORD(IP)(a0)
	sd sp, WORD(SP)(a0)
	each ld, a0
	ld a0, WORD(A0)(a0)
	.option push
	.option norvc
1:	\instruction
	.option pop
\name\()_end:
	sd a0, WORD(A0)(sp)
	lla a0, \name\()_end
	sd a0, WORD(IP)(sp)
	j probe_store
	.size \name, . - \name
	.endm

	.text
	probe probe_call, ecall
	probe probe_spin, j 1b
	probe probe_break, ebreak

/* a0 and ip are stored already, everything else is as the probe left it. */
	.type probe_store, @function
probe_store:
	each sd, sp
	sd sp, WORD(SP)(sp)
	mv a0, sp
	ld a1, ARGUMENTS + 8(sp)
	li a2, COUNT
1:	ld a3, 0(a0)
	sd a3, 0(a1)
	addi a0, a0, 8
	addi a1, a1, 8
	addi a2, a2, -1
	bnez a2, 1b
	preserved ld
	addi sp, sp, SIZE
	ret
	.size probe_store, . - probe_store

	.macro function name, instruction:vararg
	.globl \name
	.type \name, @function
\name:
	\instruction
	ret
	.size \name, . - \name
	.endm

	function probe_read, ld a0, 0(a0)
	function probe_write, sd a1, 0(a0)
	function probe_thread_pointer, mv a0, tp

/* The thread pointer is the thread's to write. */
	.globl probe_disturb
	.type probe_disturb, @function
probe_disturb:
	mv tp, zero
	ret
	.size probe_disturb, . - probe_disturb

/* probe_reservation(place, flag): sets a reservation, waits until *flag is not 0, then tries to store. 1: it stored. */
	.globl probe_reservation, probe_reservation_held, probe_reservation_end
	.type probe_reservation, @function
probe_reservation:
	lr.d a2, (a0)
probe_reservation_held:
	ld a3, 0(a1)
	beqz a3, probe_reservation_held
probe_reservation_end:
	sc.d a0, a2, (a0)
	seqz a0, a0
	ret
	.size probe_reservation, . - probe_reservation

/* Code that runs anywhere: reads the word at its argument and writes it back, then raises breakpoint for ever. */
	.globl probe_snippet, probe_landing, probe_snippet_end
	.balign 4
probe_snippet:
	ld a1, 0(a0)
	sd a1, 0(a0)
probe_landing:
	ebreak
	j probe_landing
probe_snippet_end:

/* Code that runs anywhere: a function that returns 42. */
	.globl probe_answer, probe_answer_end
probe_answer:
	li a0, 42
	ret
probe_answer_end:

/* Instructions that user level must not get away with. */
	function privileged_read_sstatus, csrr a0, sstatus
	function privileged_write_sstatus, csrw sstatus, a0
	function privileged_write_satp, csrw satp, a0
	function privileged_write_stvec, csrw stvec, a0
	function privileged_write_sscratch, csrw sscratch, a0
	function privileged_write_sie, csrw sie, a0
	function privileged_read_mstatus, csrr a0, mstatus
	function privileged_read_mhartid, csrr a0, mhartid
	function privileged_write_time, csrw time, a0
	function privileged_read_instret, csrr a0, instret
	function privileged_sret, sret
	function privileged_mret, mret
	function privileged_wfi, wfi
	function privileged_sfence, sfence.vma
	function privileged_cbo_zero, .4byte 0x0045200f
	function privileged_hlv, .4byte 0x6c054573

	.section .note.GNU-stack, "", @progbits
