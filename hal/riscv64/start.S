/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First instructions of the boot core: S-mode, MMU off, a0 = hart, a1 = device tree (physical); by an SBI
 * firmware or by U-Boot's booti, for which the image header is. Leaves for boot_main with the kernel's
 * gigabyte of RAM mapped where the kernel is linked, .bss cleared, on core 0's stack. And of the others.
 */
#include "layout.h"

#define PTE_BOOT 0xcf /* dirty, accessed, execute, write, read, valid */
#define SBI_CONSOLE_PUTCHAR 1

	.section .head, "ax"
	.globl _start
_start:
	/* Image header (Linux: Documentation/riscv/boot-image-header.rst). The jump must take 4 bytes. */
	.option push
	.option norvc
	j start
	.option pop
	.word 0
	.quad 0x200000 /* offset from the start of RAM */
	.quad _end - _start
	.quad 0 /* little-endian */
	.word 2 /* header version 0.2 */
	.word 0
	.quad 0
	.ascii "RISCV\0\0\0"
	.ascii "RSC\x05"
	.word 0

	.text
start:
	csrw sie, zero
	csrw sscratch, zero
	mv s0, a0
	mv s1, a1
	la t0, _start
	lla t1, linked_at
	ld t1, (t1)
	bne t0, t1, misplaced

	la t0, _bss_start
	la t1, cores_memory
clear:
	sd zero, (t0)
	addi t0, t0, 8
	bltu t0, t1, clear

	/* One Sv39 leaf of 1 GiB: physical gigabyte n is entry 256 + n. Sv39 exists wherever Sv48 does (4.5). */
	la t0, _start
	srli t0, t0, 30
	slli t1, t0, 28
	ori t1, t1, PTE_BOOT
	la t2, kernel_root
	srli t4, t2, 12
	slli t0, t0, 3
	add t0, t0, t2
	li t3, 256 * 8
	add t0, t0, t3
	sd t1, (t0)

	/* The instruction after the write to satp is no longer mapped: its page fault is the jump. */
	li t1, KERNEL_BASE
	la t0, high
	add t0, t0, t1
	csrw stvec, t0
	li t0, 8 << 60
	or t0, t0, t4
	sfence.vma
	csrw satp, t0
	j .

	.balign 4
high:
	la t0, trap_entry
	csrw stvec, t0
	la tp, cores_memory + CORE_STRIDE - CORE_SIZE
	mv sp, tp
	mv a0, s0
	mv a1, s1
	mv s0, zero
	mv ra, zero
	call boot_main

/* Another core: S-mode, MMU off, a1 = its struct hal_core (kernel address). Likewise. */
	.globl secondary_start
secondary_start:
	csrw sie, zero
	csrw sscratch, zero
	li t0, KERNEL_BASE
	sub t1, a1, t0
	ld t1, CORE_SATP(t1)
	la t2, secondary_high
	add t2, t2, t0
	csrw stvec, t2
	sfence.vma
	csrw satp, t1
	j .

	.balign 4
secondary_high:
	la t0, trap_entry
	csrw stvec, t0
	mv tp, a1
	mv sp, tp
	mv s0, zero
	mv ra, zero
	call cores_secondary

	/* Loaded where it is not linked: say so, which needs nothing but the firmware. */
misplaced:
	lla s2, complaint
1:	lbu a0, (s2)
	beqz a0, 2f
	li a7, SBI_CONSOLE_PUTCHAR
	ecall
	addi s2, s2, 1
	j 1b
2:	wfi
	j 2b

	.section .head, "ax"
	.balign 8
linked_at:
	.quad KERNEL_PHYSICAL
complaint:
	.asciz "cobnut: not loaded at the address that it is linked for\r\n"

	.globl layout_kernel_base
	.set layout_kernel_base, KERNEL_BASE /* kernel.ld compares */

	.section .cores, "aw", @nobits
	.balign 4096
	.globl cores_memory
cores_memory:
	.space CORES_MAX * CORE_STRIDE
