/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trap and what else user level needs of a ppc64 processor (ELFv2, both byte orders). docs/abi.md has the registers.
 */
#ifndef ARCH_H
#define ARCH_H

#include <abi/types.h>

/*
 * r3 to -> status, r4 from -> badge, r5 tag, r14..r21 words. r1, r2, r13 and r31 are preserved, everything else comes
 * back as zero.
 */
static inline word_t arch_ipc(word_t to, word_t from, word_t *tag, word_t *badge, word_t w[8])
{
	register word_t r3 __asm__("r3") = to;
	register word_t r4 __asm__("r4") = from;
	register word_t r5 __asm__("r5") = *tag;
	register word_t r14 __asm__("r14") = w[0];
	register word_t r15 __asm__("r15") = w[1];
	register word_t r16 __asm__("r16") = w[2];
	register word_t r17 __asm__("r17") = w[3];
	register word_t r18 __asm__("r18") = w[4];
	register word_t r19 __asm__("r19") = w[5];
	register word_t r20 __asm__("r20") = w[6];
	register word_t r21 __asm__("r21") = w[7];

	__asm__ volatile("sc"
		: "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r14), "+r"(r15), "+r"(r16), "+r"(r17), "+r"(r18), "+r"(r19),
		  "+r"(r20), "+r"(r21)
		:
		: "r0", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r22", "r23", "r24", "r25", "r26",
		"r27", "r28", "r29", "r30", "cr0", "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7", "ctr", "lr", "xer",
		"memory");
	*badge = r4;
	*tag = r5;
	w[0] = r14;
	w[1] = r15;
	w[2] = r16;
	w[3] = r17;
	w[4] = r18;
	w[5] = r19;
	w[6] = r20;
	w[7] = r21;
	return r3;
}

/* Accesses to devices and to memory before it come before those behind it. */
static inline void arch_io_fence(void)
{
	__asm__ volatile("sync" : : : "memory");
}

/* The time base; its frequency is System's to tell. */
static inline uint64_t arch_counter(void)
{
	uint64_t value;

	__asm__ volatile("mfspr %0, 268" : "=r"(value));
	return value;
}

/* A C function keeps its link register and the like in its caller's frame: leave a header, whose back chain is zero
   in fresh memory. */
#define ARCH_ENTRY_SP(top) (((word_t)(top) & ~(word_t)15) - 32)

/*
 * ip at which a thread that runs in a program goes on at its function: the local entry point. Its r2 is right, r12 is anything; so it must not
 * pass the two instructions (addis or lis, then addi) that make r2 of r12 (ELF V2 ABI, 2.3.2.1).
 */
#define ARCH_ENTRY_IP(function) arch_local_entry((const uint32_t *)(word_t)(function))
static inline word_t arch_local_entry(const uint32_t *code)
{
	return (word_t)(code[0] >> 16 == 0x3c4c || code[0] >> 16 == 0x3c40 ? code + 2 : code);
}

/* Which exceptions this processor has, for the tests. */
#define ARCH_HAS_ALIGNMENT 1
#define ARCH_HAS_DIVIDE_TRAP 0
#define ARCH_HAS_STEP 0
#define ARCH_DEBUG_STEP 1   /* THREAD_DEBUG: single step */
#define ARCH_DEBUG_POINTS 0 /* and so many points */
#define ARCH_WATCH_BEHIND 0 /* a hit of a data point tells the instruction behind the access */
#define ARCH_HAS_BUS 0 /* where no device answers, loads read something */

static inline void arch_raise_illegal(void)
{
	__asm__ volatile(".long 0");
}

static inline void arch_raise_breakpoint(void)
{
	__asm__ volatile("trap");
}

/* fmr 0, 0: as a word, since the compiler is told to do without the unit. */
static inline void arch_raise_fpu(void)
{
	__asm__ volatile(".long 0xfc000090");
}

/* Division by zero: the result is undefined, nothing traps. */
static inline void arch_raise_arithmetic(void)
{
	word_t zero = 0, result;

	__asm__ volatile("divdu %0, %1, %1" : "=r"(result) : "r"(zero));
}

/* A misaligned reservation. */
static inline void arch_raise_alignment(void)
{
	static word_t words[2];
	word_t value;

	__asm__ volatile("ldarx %0, 0, %1" : "=r"(value) : "r"((char *)words + 1) : "memory");
}

/* One register of the FP and vector unit, for tests of its switching. The compiler uses none. */
static inline void arch_vector_set(word_t value)
{
	__asm__ volatile(".machine push; .machine power9; mtvsrd 40, %0; .machine pop" : : "r"(value));
}

static inline word_t arch_vector_get(void)
{
	word_t value;

	__asm__ volatile(".machine push; .machine power9; mfvsrd %0, 40; .machine pop" : "=r"(value));
	return value;
}

#endif
