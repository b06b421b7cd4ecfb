/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the firmware to kernel_main() and secondary_main(). Entered at _start with x0 = device tree (physical), MMU off,
 * at EL1 or EL2, at any multiple of 4 KiB; the header is that of Linux's Documentation/arch/arm64/booting.
 * Further cores enter at secondary_entry. All of this lies in the image's first page.
 * Position independent: only addresses relative to the program counter until the image is relocated.
 */
#include "offsets.h"

#define SYSTEM_CONTROL 0x30d00800 /* SCTLR_EL1: the bits that are one in Armv8.0, all else off */

	.section .head, "ax"
	.globl _start
_start:
	b	boot
	.long	0
	.quad	0			/* text_offset: at a multiple of 2 MiB */
	.quad	image_end - _start
	.quad	0xa			/* little-endian, 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

boot:
	msr	daifset, #0xf
	mov	x19, x0
	mrs	x0, CurrentEL
	cmp	x0, #2 << 2
	b.ne	1f
	bl	leave_el2
1:	ldr	x0, =SYSTEM_CONTROL
	msr	sctlr_el1, x0
	isb
	bl	relocate
	bl	clear_bss
	adrp	x0, core_stacks
	add	x0, x0, :lo12:core_stacks
	mov	x1, #CORE_STACK_SIZE - CORE_SIZE
	add	x22, x0, x1
	bl	enter_core
	mov	x0, x19
	bl	kernel_map_init
	bl	processor_translation_control
	mov	x20, x0
	bl	processor_system_control
	mov	x21, x0
	bl	forget_cached_image
	mov	x0, x20
	mov	x1, x21
	bl	enable_mmu
	add	x22, x22, x2		/* DIRECT_MAP */
	bl	enter_core
	bl	kernel_main
	b	return_to_user

/* Firmware (PSCI CPU_ON) comes here with x0 = struct core (physical), in the state that _start describes. Nothing is written
   before the MMU is on: that would go past what the other cores' caches hold. */
	.globl	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	mov	x22, x0
	mrs	x0, CurrentEL
	cmp	x0, #2 << 2
	b.ne	1f
	bl	leave_el2
1:	ldr	x0, =SYSTEM_CONTROL
	msr	sctlr_el1, x0
	isb
	bl	enter_core
	adrp	x0, secondary_control
	add	x0, x0, :lo12:secondary_control
	ldp	x0, x1, [x0]
	bl	enable_mmu
	add	x22, x22, x2		/* DIRECT_MAP */
	bl	enter_core
	bl	secondary_main
	b	return_to_user

/* x22 = struct core: that one and the stack below it are this core's. */
enter_core:
	mov	sp, x22
	msr	tpidr_el1, x22
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el1, x0
	mov	x29, #0
	ret

/* Adds to every stored address (R_AARCH64_RELATIVE, the only kind there is) how far the image is from where
   it was linked for. */
relocate:
	adrp	x0, image_start
	ldr	x1, =LINK_PHYSICAL
	sub	x1, x0, x1		/* loaded - linked */
	ldr	x2, =DIRECT_MAP
	sub	x2, x1, x2		/* r_offset + this = physical place */
	adrp	x3, relocations_start
	add	x3, x3, :lo12:relocations_start
	adrp	x4, relocations_end
	add	x4, x4, :lo12:relocations_end
1:	cmp	x3, x4
	b.hs	2f
	ldp	x5, x6, [x3], #16	/* r_offset, r_info */
	ldr	x6, [x3], #8		/* r_addend */
	add	x6, x6, x1
	str	x6, [x5, x2]
	b	1b
2:	ret

clear_bss:
	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, image_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	ret

/* What was written with the MMU off went past the caches: drop the (clean) lines that they may hold of it. */
forget_cached_image:
	dsb	sy
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4		/* DminLine: log2 of words */
	mov	x3, #4
	lsl	x3, x3, x2
	adrp	x0, image_start
	adrp	x1, image_end
1:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* x0 = TCR_EL1, x1 = SCTLR_EL1. Returns to the same place in the direct map, with x2 = DIRECT_MAP; sp is not valid then.
   The identity mapping is left at once. */
enable_mmu:
	ldr	x2, =0x0444ff		/* MAIR_EL1: 0 normal write-back, 1 normal uncached, 2 Device-nGnRE */
	msr	mair_el1, x2
	msr	tcr_el1, x0
	adrp	x2, identity_root
	msr	ttbr0_el1, x2
	adrp	x2, kernel_root
	msr	ttbr1_el1, x2
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	adrp	x4, empty_root
	msr	sctlr_el1, x1
	isb
	ldr	x2, =DIRECT_MAP
	adr	x3, 1f
	add	x3, x3, x2
	br	x3
1:	msr	ttbr0_el1, x4
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	add	x30, x30, x2
	ret

/* Goes on at EL1 behind the call, with nothing trapped to EL2 and the virtual counter equal to the physical one. */
leave_el2:
	mov	x0, #1 << 31		/* EL1 is AArch64 */
	movk	x0, #3 << 8, lsl #32	/* APK, API: pointer authentication is not trapped to EL2 */
	msr	hcr_el2, x0
	isb
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	msr	vttbr_el2, xzr
	msr	hstr_el2, xzr
	mrs	x0, mdcr_el2		/* all event counters stay those of EL1, nothing is trapped */
	and	x0, x0, #0x1f
	msr	mdcr_el2, x0
	mov	x0, #0x33ff		/* CPTR_EL2: FP not trapped; bits that are one without SVE and SME */
	msr	cptr_el2, x0
	mov	x0, #3			/* CNTHCTL_EL2: EL1 has the physical counter and timer */
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4		/* GIC system registers */
	cbz	x0, 1f
	mrs	x0, icc_sre_el2
	mov	x1, #9			/* SRE, and Enable for EL1 */
	orr	x0, x0, x1
	msr	icc_sre_el2, x0
	isb
	msr	ich_hcr_el2, xzr
1:	mrs	x0, id_aa64mmfr0_el1
	lsr	x0, x0, #56		/* fine-grained traps: off */
	cbz	x0, 2f
	msr	S3_4_C1_C1_4, xzr	/* HFGRTR_EL2 */
	msr	S3_4_C1_C1_5, xzr	/* HFGWTR_EL2 */
	msr	S3_4_C1_C1_6, xzr	/* HFGITR_EL2 */
	msr	S3_4_C3_C1_4, xzr	/* HDFGRTR_EL2 */
	msr	S3_4_C3_C1_5, xzr	/* HDFGWTR_EL2 */
2:	mov	x0, #0x3c5		/* EL1h, everything masked */
	msr	spsr_el2, x0
	msr	elr_el2, x30
	eret
