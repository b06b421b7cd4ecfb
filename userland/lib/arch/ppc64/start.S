/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of a program: the kernel starts it with r12 = its own address (ELFv2 finds the TOC from it), r1 = stack,
 * r3 = argument, everything else zero. r1 may be the very end of the stack: a C function keeps its link register in
 * its caller's frame, so this makes one. program_start does not return. Any C function can be the entry of a further
 * thread in the same way, with ARCH_ENTRY_SP.
 */
	.section .text._start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	addis	%r2, %r12, (.TOC. - _start)@ha
	addi	%r2, %r2, (.TOC. - _start)@l
	clrrdi	%r1, %r1, 4
	li	%r0, 0
	stdu	%r0, -32(%r1)		/* header with an empty back chain */
	bl	program_start
	nop
	trap
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
