/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What user level needs of arm64: the system call, the counter, the first stack pointer of a thread, and
 * instructions that raise each exception, for tests.
 */
#ifndef ARCH_ARM64_H
#define ARCH_ARM64_H

#include <abi/types.h>

/* Does the processor raise these? (Integer division by zero gives 0; user level cannot step itself.) */
#define ARCH_HAS_ALIGNMENT   1
#define ARCH_HAS_DIVIDE_TRAP 0
#define ARCH_HAS_STEP	     0
#define ARCH_DEBUG_STEP 1   /* THREAD_DEBUG: single step */
#define ARCH_DEBUG_POINTS 4 /* and so many points */
#define ARCH_WATCH_BEHIND 0 /* a hit of a data point tells the instruction behind the access */
#define ARCH_HAS_BUS	     1

/* sp of a C function that is the entry of a thread whose stack ends at `top`. */
#define ARCH_ENTRY_SP(top) ((word_t)(top) & ~(word_t)15)
/* ip at which a thread that runs in a program goes on at its function. */
#define ARCH_ENTRY_IP(function) ((word_t)(function))

/* x0 to -> status, x1 from -> badge, x2 tag -> tag, x19-x26 words; sp, x29 and TPIDR_EL0 are preserved, NZCV and all else
   come back as zero. */
static inline word_t arch_ipc(word_t to, word_t from, word_t *tag, word_t *badge, word_t w[8])
{
	register word_t x0 __asm__("x0") = to;
	register word_t x1 __asm__("x1") = from;
	register word_t x2 __asm__("x2") = *tag;
	register word_t w0 __asm__("x19") = w[0];
	register word_t w1 __asm__("x20") = w[1];
	register word_t w2 __asm__("x21") = w[2];
	register word_t w3 __asm__("x22") = w[3];
	register word_t w4 __asm__("x23") = w[4];
	register word_t w5 __asm__("x24") = w[5];
	register word_t w6 __asm__("x25") = w[6];
	register word_t w7 __asm__("x26") = w[7];

	__asm__ volatile("svc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(w0), "+r"(w1), "+r"(w2), "+r"(w3), "+r"(w4), "+r"(w5),
			   "+r"(w6), "+r"(w7)
			 :
			 : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
			   "x17", "x18", "x27", "x28", "x30", "cc", "memory");
	*tag = x2;
	*badge = x1;
	w[0] = w0;
	w[1] = w1;
	w[2] = w2;
	w[3] = w3;
	w[4] = w4;
	w[5] = w5;
	w[6] = w6;
	w[7] = w7;
	return x0;
}

/* Accesses to devices and to memory before it come before those behind it. */
static inline void arch_io_fence(void)
{
	__asm__ volatile("dmb osh" : : : "memory");
}

static inline uint64_t arch_counter(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
}

static inline void arch_raise_illegal(void)
{
	__asm__ volatile("udf #0" : : : "memory");
}

static inline void arch_raise_breakpoint(void)
{
	__asm__ volatile("brk #0" : : : "memory");
}

/* fmov d0, xzr; by number, since the compiler is told that there are no such registers */
static inline void arch_raise_fpu(void)
{
	__asm__ volatile(".inst 0x9e6703e0" : : : "memory");
}

/* Integer division by zero: 0 here, no exception. */
static inline void arch_raise_arithmetic(void)
{
	word_t result;

	__asm__ volatile("udiv %0, %1, xzr" : "=r"(result) : "r"((word_t)1));
}

/* A misaligned exclusive load; plain misaligned accesses to memory succeed. */
static inline void arch_raise_alignment(void)
{
	static _Alignas(16) uint8_t place[32];
	word_t value;

	__asm__ volatile("ldxr %0, [%1]\n\tclrex" : "=r"(value) : "r"(place + 1) : "memory");
}

/* One register of the FP and vector unit, for tests of its switching. The compiler uses none. */
static inline void arch_vector_set(word_t value)
{
	__asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\tfmov d8, %0" : : "r"(value));
}

static inline word_t arch_vector_get(void)
{
	word_t value;

	__asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\tfmov %0, d8" : "=r"(value));
	return value;
}

#endif
