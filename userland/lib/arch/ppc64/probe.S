/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests look into the processor with: see userland/lib/include/probe.h.
 */
#define WORD(number) (8 * (number))

/* Indices of REGISTERS_GENERAL (abi/ppc64/registers.h), which probe.c asserts: r0..r31 are 0..31. */
#define SP 1
#define IP 32
#define LR 33
#define CTR 34
#define CR 35
#define XER 36
#define VRSAVE 37
#define COUNT 38

/* The stack of a probe: the header, COUNT words, in and out, then what C wants preserved. */
#define HEADER 32
#define ARGUMENTS (HEADER + WORD(COUNT))
#define PRESERVED (ARGUMENTS + 16)
#define SIZE (PRESERVED + 8 * 20 + 16)

/* General registers first .. last: `instruction` with their places behind offset(base). */
.macro each instruction, first, last, offset, base
	.set	number, \first
	.rept	\last - \first + 1
	\instruction	number, \offset + 8 * number(\base)
	.set	number, number + 1
	.endr
.endm

/* LR and CR go where the caller's frame has room for them; r2 and r13..r31 behind PRESERVED. */
.macro preserved instruction
	\instruction	%r2, PRESERVED(%r1)
	each	\instruction, 13, 31, PRESERVED + 8 - 8 * 13, %r1
.endm

/* name(in, out) */
.macro probe name, instruction:vararg
	.globl	\name, \name\()_end
	.type	\name, @function
\name:
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	stdu	%r1, -SIZE(%r1)
	std	%r3, ARGUMENTS(%r1)
	std	%r4, ARGUMENTS + 8(%r1)
	preserved std
	bl	1f
1:	mflr	%r4
	addi	%r4, %r4, 2f - 1b
	std	%r4, WORD(IP)(%r3)
	std	%r1, WORD(SP)(%r3)
	ld	%r0, WORD(LR)(%r3)
	mtlr	%r0
	ld	%r0, WORD(CTR)(%r3)
	mtctr	%r0
	ld	%r0, WORD(CR)(%r3)
	mtcr	%r0
	ld	%r0, WORD(XER)(%r3)
	mtxer	%r0
	ld	%r0, WORD(VRSAVE)(%r3)
	mtspr	256, %r0
	ld	%r0, 0(%r3)
	ld	%r2, WORD(2)(%r3)
	each	ld, 4, 31, 0, %r3
	ld	%r3, WORD(3)(%r3)
2:	\instruction
\name\()_end:
	each	std, 0, 31, HEADER, %r1
	mflr	%r0
	std	%r0, HEADER + WORD(LR)(%r1)
	bl	3f
3:	mflr	%r3
	addi	%r3, %r3, \name\()_end - 3b
	std	%r3, HEADER + WORD(IP)(%r1)
	b	probe_store
	.size	\name, . - \name
.endm

	.text
	probe	probe_call, sc
	probe	probe_spin, b 2b
	probe	probe_break, trap

/* General registers, LR and ip are stored already; they are free, everything else is as the probe left it. */
	.type	probe_store, @function
probe_store:
	mfctr	%r0
	std	%r0, HEADER + WORD(CTR)(%r1)
	mfcr	%r0
	std	%r0, HEADER + WORD(CR)(%r1)
	mfxer	%r0
	std	%r0, HEADER + WORD(XER)(%r1)
	mfspr	%r0, 256
	std	%r0, HEADER + WORD(VRSAVE)(%r1)
	ld	%r4, ARGUMENTS + 8(%r1)
	addi	%r3, %r1, HEADER - 8
	addi	%r4, %r4, -8
	li	%r5, COUNT
	mtctr	%r5
1:	ldu	%r5, 8(%r3)
	stdu	%r5, 8(%r4)
	bdnz	1b
	preserved ld
	addi	%r1, %r1, SIZE
	ld	%r0, 16(%r1)
	mtlr	%r0
	ld	%r0, 8(%r1)
	mtcr	%r0
	blr
	.size	probe_store, . - probe_store

.macro function name, instruction:vararg
	.globl	\name
	.type	\name, @function
\name:
	\instruction
	blr
	.size	\name, . - \name
.endm

	function probe_read, ld %r3, 0(%r3)
	function probe_write, std %r4, 0(%r3)
	function probe_thread_pointer, mr %r3, %r13

/* The thread pointer is the thread's to write. */
	.globl	probe_disturb
	.type	probe_disturb, @function
probe_disturb:
	li	%r13, 0
	blr
	.size	probe_disturb, . - probe_disturb

/* probe_reservation(place, flag): sets a reservation, waits until *flag is not 0, then tries to store. 1: it stored. */
	.globl	probe_reservation, probe_reservation_held, probe_reservation_end
	.type	probe_reservation, @function
probe_reservation:
	ldarx	%r5, 0, %r3
probe_reservation_held:
	ld	%r6, 0(%r4)
	cmpdi	%r6, 0
	beq	probe_reservation_held
probe_reservation_end:
	stdcx.	%r5, 0, %r3
	li	%r3, 1
	beqlr
	li	%r3, 0
	blr
	.size	probe_reservation, . - probe_reservation

/* Code that runs anywhere: reads the word at its argument and writes it back, then raises breakpoint for ever. */
	.globl	probe_snippet, probe_landing, probe_snippet_end
probe_snippet:
	ld	%r4, 0(%r3)
	std	%r4, 0(%r3)
probe_landing:
	trap
	b	probe_landing
probe_snippet_end:

/* Code that runs anywhere: a function that returns 42. */
	.globl	probe_answer, probe_answer_end
probe_answer:
	li	%r3, 42
	blr
probe_answer_end:

/* Instructions that user level must not get away with. */
	function privileged_mfmsr, mfmsr %r3
	function privileged_mtmsr, mtmsr %r3
	function privileged_mtmsrd, mtmsrd %r3
	function privileged_rfid, rfid
	function privileged_hrfid, hrfid
	function privileged_tlbie, .long 0x7c001a64
	function privileged_tlbiel, .long 0x7c001a24
	function privileged_slbia, slbia
	function privileged_slbmte, slbmte %r3, %r3
	function privileged_msgsndp, .long 0x7c00191c
	function privileged_mfsprg0, mfspr %r3, 272
	function privileged_mtsprg0, mtspr 272, %r3
	function privileged_mtdec, mtspr 22, %r3
	function privileged_mtsrr0, mtspr 26, %r3
	function privileged_mtpidr, mtspr 48, %r3
	function privileged_mtamr, mtspr 29, %r3
	function privileged_mtlpcr, mtspr 318, %r3
	function privileged_mfpvr, mfspr %r3, 287
	function privileged_stop, .long 0x4c0002e4

	.section .note.GNU-stack, "", @progbits
