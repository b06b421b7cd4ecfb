/* SPDX-License-Identifier: BSD-2-Clause */
/* First instructions of a program: every register is zero but rip, rsp and rdi, the argument. */
	.section .text._start, "ax"
	.globl _start
	.type _start, @function
_start:
	and $-16, %rsp
	call program_start
	ud2
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
