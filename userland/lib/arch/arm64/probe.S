/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests look into the processor with: see userland/lib/include/probe.h.
 */
#define WORD(number) (8 * (number))

/* Indices of REGISTERS_GENERAL (abi/arm64/registers.h), which probe.c asserts: x0..x30 are 0..30. */
#define SP 31
#define IP 32
#define FLAGS 33
#define THREAD_POINTER 34
#define COUNT 35

/* The stack of a probe: COUNT words and one unused, in and out, then what C wants preserved. */
#define ARGUMENTS WORD(COUNT + 1)
#define PRESERVED (ARGUMENTS + 16)
#define SIZE (PRESERVED + 96)

/* name(in, out) */
	.macro	probe name, instruction:vararg
	.globl	\name, \name\()_end
	.type	\name, %function
\name:
	sub	sp, sp, #SIZE
	stp	x0, x1, [sp, #ARGUMENTS]
	stp	x19, x20, [sp, #PRESERVED]
	stp	x21, x22, [sp, #PRESERVED + 16]
	stp	x23, x24, [sp, #PRESERVED + 32]
	stp	x25, x26, [sp, #PRESERVED + 48]
	stp	x27, x28, [sp, #PRESERVED + 64]
	stp	x29, x30, [sp, #PRESERVED + 80]
	adr	x1, 1f
	mov	x2, sp
	str	x1, [x0, #WORD(IP)]
	str	x2, [x0, #WORD(SP)]
	ldr	x1, [x0, #WORD(FLAGS)]
	msr	nzcv, x1
	ldr	x1, [x0, #WORD(THREAD_POINTER)]
	msr	tpidr_el0, x1
	.irp	n, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	ldr	x\n, [x0, #WORD(\n)]
	.endr
	.irp	n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30
	ldr	x\n, [x0, #WORD(\n)]
	.endr
	ldr	x0, [x0]
1:	\instruction
\name\()_end:
	str	x0, [sp]
	adr	x0, \name\()_end
	str	x0, [sp, #WORD(IP)]
	b	probe_store
	.size	\name, . - \name
	.endm

	.text
	probe	probe_call, svc #0
	probe	probe_spin, b 1b
	probe	probe_break, brk #0

/* x0 and ip are stored already, everything else is as the probe left it. */
	.type	probe_store, %function
probe_store:
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str	x\n, [sp, #WORD(\n)]
	.endr
	mov	x0, sp
	str	x0, [sp, #WORD(SP)]
	mrs	x1, nzcv
	str	x1, [sp, #WORD(FLAGS)]
	mrs	x1, tpidr_el0
	str	x1, [sp, #WORD(THREAD_POINTER)]
	ldr	x1, [sp, #ARGUMENTS + 8]
	mov	x2, #COUNT
2:	ldr	x3, [x0], #8
	str	x3, [x1], #8
	subs	x2, x2, #1
	b.ne	2b
	ldp	x19, x20, [sp, #PRESERVED]
	ldp	x21, x22, [sp, #PRESERVED + 16]
	ldp	x23, x24, [sp, #PRESERVED + 32]
	ldp	x25, x26, [sp, #PRESERVED + 48]
	ldp	x27, x28, [sp, #PRESERVED + 64]
	ldp	x29, x30, [sp, #PRESERVED + 80]
	add	sp, sp, #SIZE
	ret
	.size	probe_store, . - probe_store

	.macro	function name, instruction:vararg
	.globl	\name
	.type	\name, %function
\name:
	\instruction
	ret
	.size	\name, . - \name
	.endm

	function probe_read, ldr x0, [x0]
	function probe_write, str x1, [x0]
	function probe_thread_pointer, mrs x0, tpidr_el0

/* The thread pointer is the thread's to write. */
	.globl	probe_disturb
	.type	probe_disturb, %function
probe_disturb:
	msr	tpidr_el0, xzr
	ret
	.size	probe_disturb, . - probe_disturb

/* probe_reservation(place, flag): sets a reservation, waits until *flag is not 0, then tries to store. 1: it stored. */
	.globl	probe_reservation, probe_reservation_held, probe_reservation_end
	.type	probe_reservation, %function
probe_reservation:
	ldxr	x2, [x0]
probe_reservation_held:
	ldr	x3, [x1]
	cbz	x3, probe_reservation_held
probe_reservation_end:
	stxr	w4, x2, [x0]
	eor	w0, w4, #1
	ret
	.size	probe_reservation, . - probe_reservation

/* Code that runs anywhere: reads the word at its argument and writes it back, then raises breakpoint for ever. */
	.globl	probe_snippet, probe_landing, probe_snippet_end
probe_snippet:
	ldr	x1, [x0]
	str	x1, [x0]
probe_landing:
	brk	#0
	b	probe_landing
probe_snippet_end:

/* Code that runs anywhere: a function that returns 42. */
	.globl	probe_answer, probe_answer_end
probe_answer:
	mov	x0, #42
	ret
probe_answer_end:

/* Instructions that user level must not get away with. */
	function privileged_read_sctlr, mrs x0, sctlr_el1
	function privileged_write_sctlr, msr sctlr_el1, x0
	function privileged_write_ttbr0, msr ttbr0_el1, x0
	function privileged_write_vbar, msr vbar_el1, x0
	function privileged_write_tpidr_el1, msr tpidr_el1, x0
	function privileged_write_tpidrro, msr tpidrro_el0, x0
	function privileged_read_currentel, mrs x0, currentel
	function privileged_daifset, msr daifset, #2
	function privileged_read_daif, mrs x0, daif
	function privileged_spsel, msr spsel, #1
	function privileged_tlbi, tlbi vmalle1
	function privileged_dc_isw, dc isw, x0
	function privileged_ic_iallu, ic iallu
	function privileged_eret, eret
	function privileged_hvc, hvc #0
	function privileged_smc, smc #0
	function privileged_svc_1, svc #1
	function privileged_semihosting, hlt #0xf000
	function privileged_timer, msr cntv_ctl_el0, x0
	function privileged_cycles, mrs x0, pmccntr_el0
	function privileged_debug, msr mdscr_el1, x0

	.section .note.GNU-stack, "", %progbits
