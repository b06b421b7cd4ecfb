/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the entry of a program. The kernel enters it with ip, sp and a0 = argument, everything else
 * zero; gp stays zero, nothing is linked relative to it. ra = s0 = 0 end the chain of stack frames.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	tail program_start
