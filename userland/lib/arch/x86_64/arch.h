/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the trap, the counter, the stack of a fresh thread, and one helper per exception that user level
 * can raise.
 */
#ifndef ARCH_H
#define ARCH_H

#include <abi/types.h>
#include <abi/x86_64/registers.h>

/* The system call: to, from, *tag, w -> status; *badge, *tag, w. Preserves rsp, rbp, FS base and FPU state. */
static inline word_t arch_ipc(word_t to, word_t from, word_t *tag, word_t *badge, word_t w[8])
{
	register word_t w0 __asm__("r12") = w[0];
	register word_t w1 __asm__("r13") = w[1];
	register word_t w2 __asm__("r14") = w[2];
	register word_t w3 __asm__("r15") = w[3];
	register word_t w5 __asm__("r8") = w[5];
	register word_t w6 __asm__("r9") = w[6];
	register word_t w7 __asm__("r10") = w[7];
	word_t w4 = w[4];

	__asm__ volatile("syscall"
			 : "+D"(to), "+S"(from), "+d"(*tag), "+r"(w0), "+r"(w1), "+r"(w2), "+r"(w3), "+b"(w4), "+r"(w5),
			   "+r"(w6), "+r"(w7)
			 :
			 : "rax", "rcx", "r11", "cc", "memory");
	w[0] = w0;
	w[1] = w1;
	w[2] = w2;
	w[3] = w3;
	w[4] = w4;
	w[5] = w5;
	w[6] = w6;
	w[7] = w7;
	*badge = from;
	return to;
}

/* Accesses to devices and to memory before it come before those behind it: the processor keeps that order for uncached memory. */
static inline void arch_io_fence(void)
{
	__asm__ volatile("" : : : "memory");
}

/* The counter that deadlines are given in. */
static inline uint64_t arch_counter(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (uint64_t)high << 32;
}

/* Initial sp of a thread whose entry is a C function and whose stack ends at `top` (16-byte aligned): as after a call. */
#define ARCH_ENTRY_SP(top) ((word_t)(top) - sizeof(word_t))
/* ip at which a thread that runs in a program goes on at its function. */
#define ARCH_ENTRY_IP(function) ((word_t)(function))

/* What the processor raises: misaligned accesses just succeed; dividing by zero and the step flag trap. */
#define ARCH_HAS_ALIGNMENT 0
#define ARCH_HAS_DIVIDE_TRAP 1
#define ARCH_HAS_STEP 1
#define ARCH_DEBUG_STEP 1   /* THREAD_DEBUG: single step */
#define ARCH_DEBUG_POINTS 4 /* and so many points */
#define ARCH_WATCH_BEHIND 1 /* a hit of a data point tells the instruction behind the access */
#define ARCH_HAS_BUS 0 /* where no device answers, loads read ones */
#define ARCH_STEP_FLAGS FLAGS_STEP /* flags of an answer (ANSWER_SET) that let one instruction run */

static inline void arch_raise_illegal(void)
{
	__asm__ volatile("ud2" : : : "memory");
}

/* ip of the exception is behind the instruction. */
static inline void arch_raise_breakpoint(void)
{
	__asm__ volatile("int3" : : : "memory");
}

static inline void arch_raise_fpu(void)
{
	__asm__ volatile("fninit" : : : "memory");
}

/* Divides by zero. */
static inline void arch_raise_arithmetic(void)
{
	word_t quotient = 1, remainder = 0, divisor = 0;

	__asm__ volatile("div %2" : "+a"(quotient), "+d"(remainder) : "r"(divisor) : "cc", "memory");
}

/* An atomic addition to an address that is odd. */
static inline void arch_raise_alignment(void)
{
	char bytes[16] __attribute__((aligned(16))) = {0};
	word_t one = 1;

	__asm__ volatile("lock xaddq %0, %1" : "+r"(one), "+m"(*(word_t *)(void *)(bytes + 1)) : : "cc", "memory");
}

/* Sets the step flag: the exception comes after the NOP, and again after each instruction until the flag is cleared. */
static inline void arch_raise_step(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t" /* the red zone */
			 "pushfq\n\t"
			 "orq %0, (%%rsp)\n\t"
			 "popfq\n\t"
			 "nop\n\t"
			 "pushfq\n\t"
			 "andq %1, (%%rsp)\n\t"
			 "popfq\n\t"
			 "lea 128(%%rsp), %%rsp"
			 :
			 : "i"(FLAGS_STEP), "i"(~FLAGS_STEP)
			 : "cc", "memory");
}

/* One register of the FP and vector unit, for tests of its switching. The compiler uses none. */
static inline void arch_vector_set(word_t value)
{
	__asm__ volatile("movq %0, %%xmm8" : : "r"(value));
}

static inline word_t arch_vector_get(void)
{
	word_t value;

	__asm__ volatile("movq %%xmm8, %0" : "=r"(value));
	return value;
}

#endif
