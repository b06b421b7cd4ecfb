/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * f0-f31 and fcsr to and from memory. Nothing else in the kernel knows floating point and the assembler is
 * not told of it: fsd, fld and fmv.d.x are written by their formats.
 */
#define SSTATUS_FS 0x6000
#define FCSR 0x003
#define AREA_FCSR 256 /* behind 32 doubles; fpu.c */

/* Access on, whatever it was; t0 = the bits that close_unit takes away again. */
	.macro open_unit
	li t1, SSTATUS_FS
	csrrs t0, sstatus, t1
	not t0, t0
	and t0, t0, t1
	.endm

	.macro close_unit
	csrc sstatus, t0
	.endm

	.text
	.globl hal_fpu_save
hal_fpu_save:
	open_unit
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.insn s 0x27, 3, x\n, 8*\n(a0) /* fsd */
	.endr
	csrr t1, FCSR
	sd t1, AREA_FCSR(a0)
	close_unit
	ret

	.globl hal_fpu_load
hal_fpu_load:
	open_unit
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.insn i 0x07, 3, x\n, 8*\n(a0) /* fld */
	.endr
	ld t1, AREA_FCSR(a0)
	csrw FCSR, t1
	close_unit
	ret

/* bool fpu_probe(void): this processor has the D extension. At boot only: leaves sstatus.SPP set if it has not. */
	.globl fpu_probe
fpu_probe:
	lla t2, 1f
	csrrw t2, stvec, t2
	li a0, 0
	open_unit
	.insn r 0x53, 0, 0x79, x0, x0, x0 /* fmv.d.x f0, zero */
	li a0, 1
	.balign 4
1:	close_unit
	csrw stvec, t2
	ret
