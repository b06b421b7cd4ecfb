/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of a POWER9, for C and assembly. Numbers and bits are from Power ISA
 * 3.0B, Book III (chapter 3.2.1 MSR, 5.4.4 SPRs, 6.2 interrupt registers, 9.4 performance monitor).
 */
#ifndef PPC64_PROCESSOR_H
#define PPC64_PROCESSOR_H

/* Machine state register. */
#define MSR_SF 0x8000000000000000 /* 64-bit mode */
#define MSR_HV 0x1000000000000000 /* hypervisor state; with MSR_PR: user level under a kernel in that state */
#define MSR_EE 0x8000             /* external and decrementer interrupts */
#define MSR_PR 0x4000             /* user level */
#define MSR_SE 0x400              /* single step: a trace interrupt behind each instruction */
#define MSR_ME 0x1000             /* machine checks */
#define MSR_IR 0x0020             /* instruction addresses are translated */
#define MSR_DR 0x0010             /* data addresses are translated */
#define MSR_RI 0x0002             /* interrupts are recoverable */
#define MSR_LE 0x0001             /* little-endian */

/* The byte order of kernel and user level. */
#ifdef __LITTLE_ENDIAN__
#define MSR_ORDER MSR_LE
#else
#define MSR_ORDER 0
#endif

#define REAL_MSR (MSR_SF | MSR_ME | MSR_RI | MSR_ORDER)
#define KERNEL_MSR (REAL_MSR | MSR_IR | MSR_DR)
/* User level always runs with this: FP, vector, VSX, TM and the FE bits are off. */
#define USER_MSR (KERNEL_MSR | MSR_PR | MSR_EE)

/* Special purpose registers. */
#define SPR_DSCR 17     /* data stream control, its privileged number */
#define SPR_DSISR 18
#define SPR_DAR 19
#define SPR_DEC 22
#define SPR_AMR 29      /* authority mask, its privileged number */
#define SPR_PIDR 48
#define SPR_IAMR 61
#define SPR_CTRLT 152
#define SPR_FSCR 153
#define SPR_UAMOR 157
#define SPR_PSPB 159
#define SPR_VRSAVE 256
#define SPR_TB 268
#define SPR_SPRG1 273
#define SPR_SPRG3 275   /* user level can read it, as number 259 */
#define SPR_HSRR0 314
#define SPR_HSRR1 315
#define SPR_MMCR2 785
#define SPR_MMCRA 786
#define SPR_MMCR0 795
#define SPR_PPR 896
#define SPR_PIR 1023    /* which processor this is */

#define PPR_DEFAULT 0x0010000000000000 /* priority 0b100, "medium" (Book II 3.1) */

/* Where the second set of vectors lies (vectors.S). */
#define VECTORS_MAPPED 0x4000
/* Interrupt vectors (Book III figure 60). The hypervisor's come only in its state. */
#define VECTOR_SYSTEM_RESET 0x100
#define VECTOR_MACHINE_CHECK 0x200
#define VECTOR_DATA_STORAGE 0x300
#define VECTOR_DATA_SEGMENT 0x380
#define VECTOR_INSTRUCTION_STORAGE 0x400
#define VECTOR_INSTRUCTION_SEGMENT 0x480
#define VECTOR_EXTERNAL 0x500
#define VECTOR_ALIGNMENT 0x600
#define VECTOR_PROGRAM 0x700
#define VECTOR_FP_UNAVAILABLE 0x800
#define VECTOR_DECREMENTER 0x900
#define VECTOR_DOORBELL 0xa00
#define VECTOR_SYSTEM_CALL 0xc00
#define VECTOR_TRACE 0xd00
#define VECTOR_HYPERVISOR_EMULATION 0xe40 /* an illegal instruction */
#define VECTOR_HYPERVISOR_DOORBELL 0xe80
#define VECTOR_HYPERVISOR_EXTERNAL 0xea0 /* "hypervisor virtualization" */
#define VECTOR_PERFORMANCE_MONITOR 0xf00
#define VECTOR_VECTOR_UNAVAILABLE 0xf20
#define VECTOR_VSX_UNAVAILABLE 0xf40
#define VECTOR_FACILITY_UNAVAILABLE 0xf60

/* Where the linker script puts the kernel's image: the direct map begins at KERNEL_BASE (quadrant 3). */
#define KERNEL_BASE 0xc000000000000000
#define IMAGE_PHYSICAL 0x400000

#ifndef __ASSEMBLER__

#include <stdint.h>

/* Macros, since the register's number is part of the instruction. */
#define mfspr(number) ({ uint64_t value_; __asm__ volatile("mfspr %0, %1" : "=r"(value_) : "i"(number)); value_; })
#define mtspr(number, value) __asm__ volatile("mtspr %0, %1" : : "i"(number), "r"((uint64_t)(value)) : "memory")

/* Instructions that the assembler takes only for POWER9: GCC names an older processor when it may not use vectors. */
#define POWER9(instruction) ".machine push; .machine power9; " instruction "; .machine pop"

/* Stores to page tables are done, and seen by the table walk, before anything after it (Book III 5.10). */
static inline void ptesync(void)
{
	__asm__ volatile("ptesync" : : : "memory");
}

static inline void isync(void)
{
	__asm__ volatile("isync" : : : "memory");
}

#endif
#endif
