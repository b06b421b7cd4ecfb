/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First instructions of the boot core, to replace: interrupts off, .bss cleared, a stack, and on to start.c with what firmware
 * passed. Here: S-mode, MMU off, a1 = device tree (SBI's convention).
 */
	.section .head, "ax"
	.globl start
start:
	csrw sie, zero
	la t0, image_bss
	la t1, image_end
1:	sd zero, (t0)
	addi t0, t0, 8
	bltu t0, t1, 1b
	la sp, boot_stack_end
	mv a0, a1
	mv s0, zero /* the chain of stack frames ends here */
	mv ra, zero
	call start_main

	.section .bss
	.balign 4096
	.space 16384
boot_stack_end:
