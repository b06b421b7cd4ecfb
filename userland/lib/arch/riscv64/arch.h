/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the trap, the counter, the initial stack pointer, and helpers of the tests that raise each
 * exception which the processor has.
 */
#ifndef ARCH_RISCV64_H
#define ARCH_RISCV64_H

#include <abi/types.h>

/* The system call. w0..w7 travel in s2..s9; sp, s0, gp, tp survive, every other register comes back as zero. */
static inline word_t arch_ipc(word_t to, word_t from, word_t *tag, word_t *badge, word_t w[8])
{
	register word_t a0 __asm__("a0") = to;
	register word_t a1 __asm__("a1") = from;
	register word_t a2 __asm__("a2") = *tag;
	register word_t s2 __asm__("s2") = w[0];
	register word_t s3 __asm__("s3") = w[1];
	register word_t s4 __asm__("s4") = w[2];
	register word_t s5 __asm__("s5") = w[3];
	register word_t s6 __asm__("s6") = w[4];
	register word_t s7 __asm__("s7") = w[5];
	register word_t s8 __asm__("s8") = w[6];
	register word_t s9 __asm__("s9") = w[7];
	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(s2), "+r"(s3), "+r"(s4), "+r"(s5), "+r"(s6), "+r"(s7),
			   "+r"(s8), "+r"(s9)
			 :
			 : "memory", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a3", "a4", "a5", "a6", "a7", "s1", "s10",
			 "s11");
	*badge = a1;
	*tag = a2;
	w[0] = s2;
	w[1] = s3;
	w[2] = s4;
	w[3] = s5;
	w[4] = s6;
	w[5] = s7;
	w[6] = s8;
	w[7] = s9;
	return a0;
}

/* Accesses to devices and to memory before it come before those behind it. */
static inline void arch_io_fence(void)
{
	__asm__ volatile("fence iorw, iorw" : : : "memory");
}

/* The counter that deadlines are given in. */
static inline uint64_t arch_counter(void)
{
	uint64_t time;
	__asm__ volatile("rdtime %0" : "=r"(time));
	return time;
}

/* sp for a C function as the entry of a thread whose stack ends at `top`. */
#define ARCH_ENTRY_SP(top) ((word_t)(top) & ~(word_t)15)
/* ip at which a thread that runs in a program goes on at its function. */
#define ARCH_ENTRY_IP(function) ((word_t)(function))

/* ---- what the tests raise; each instruction takes 4 bytes ---- */

#define ARCH_HAS_ALIGNMENT 1   /* of atomics; a misaligned load or store succeeds (processor or firmware) */
#define ARCH_HAS_DIVIDE_TRAP 0 /* x / 0 = -1 */
#define ARCH_HAS_STEP 0
#define ARCH_DEBUG_STEP 0   /* THREAD_DEBUG: single step */
#define ARCH_DEBUG_POINTS 0 /* and so many points */
#define ARCH_WATCH_BEHIND 0 /* a hit of a data point tells the instruction behind the access */
#define ARCH_HAS_BUS 1

/* The instruction that the specification sets aside for this: a write to a read-only register. */
static inline void arch_raise_illegal(void)
{
	__asm__ volatile(".4byte 0xc0001073");
}

static inline void arch_raise_breakpoint(void)
{
	__asm__ volatile(".option push\n\t.option norvc\n\tebreak\n\t.option pop" : : : "memory");
}

static inline void arch_raise_fpu(void)
{
	__asm__ volatile("fmv.d.x ft0, zero" : : : "ft0");
}

static inline void arch_raise_arithmetic(void)
{
	word_t quotient;
	__asm__ volatile("div %0, %1, zero" : "=r"(quotient) : "r"((word_t)1));
}

static inline void arch_raise_alignment(void)
{
	word_t target[2] = { 0, 0 };
	__asm__ volatile("amoadd.w zero, zero, (%0)" : : "r"((char *)target + 1) : "memory");
}

/* One register of the FP and vector unit, for tests of its switching. The compiler uses none. */
static inline void arch_vector_set(word_t value)
{
	__asm__ volatile("fmv.d.x fs0, %0" : : "r"(value));
}

static inline word_t arch_vector_get(void)
{
	word_t value;

	__asm__ volatile("fmv.x.d %0, fs0" : "=r"(value));
	return value;
}

#endif
