/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a program begins: all registers zero but ip, sp and x0, the argument. x29 = x30 = 0 end the chain of frames.
 */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, %function
_start:
	bl	program_start
	udf	#0			/* it does not return */
	.size	_start, . - _start

	.section .note.GNU-stack, "", %progbits
