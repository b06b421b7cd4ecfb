/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happened, in the contract's words: interrupts, page faults, exceptions (privileged specification
 * 4.1.8, table 4.2). User level cannot bring about anything that ends elsewhere than in the core.
 */
#include "csr.h"
#include "internal.h"

enum cause {
	CAUSE_FETCH_MISALIGNED = 0,
	CAUSE_FETCH_ACCESS = 1,
	CAUSE_ILLEGAL = 2,
	CAUSE_BREAKPOINT = 3,
	CAUSE_LOAD_MISALIGNED = 4,
	CAUSE_LOAD_ACCESS = 5,
	CAUSE_STORE_MISALIGNED = 6,
	CAUSE_STORE_ACCESS = 7,
	CAUSE_FETCH_PAGE = 12,
	CAUSE_LOAD_PAGE = 13,
	CAUSE_STORE_PAGE = 15,
};

struct hal_frame *trap_user(struct hal_frame *f);
_Noreturn void trap_kernel(const struct hal_frame *f);

/* ---- an instruction of the FP unit is "illegal" while the unit is off (sstatus.FS = 0) ---- */

/* Unprivileged specification, table 24.1: bits 2-6 of the instruction. Loads and stores of vectors (V) have the same
   opcodes with other widths. */
static bool is_fp_opcode(word_t instruction)
{
	enum { LOAD_FP = 1, STORE_FP = 9, MADD = 16, MSUB = 17, NMSUB = 18, NMADD = 19, OP_FP = 20 };
	const uint32_t memory = 1u << LOAD_FP | 1u << STORE_FP;
	const uint32_t arithmetic = 1u << MADD | 1u << MSUB | 1u << NMSUB | 1u << NMADD | 1u << OP_FP;
	word_t opcode = instruction >> 2 & 31, width = instruction >> 12 & 7;
	return (arithmetic >> opcode & 1) != 0 || ((memory >> opcode & 1) != 0 && width >= 1 && width <= 4);
}

/* fflags, frm, fcsr. */
static bool is_fp_csr(word_t instruction)
{
	enum { SYSTEM = 28 };
	word_t csr = instruction >> 20;
	return (instruction >> 2 & 31) == SYSTEM && (instruction >> 12 & 3) != 0 && csr >= 0x001 && csr <= 0x003;
}

/* c.fld, c.fsd, c.fldsp, c.fsdsp: quadrants 0 and 2, funct3 1 and 5 (16.8). */
static bool is_fp_compressed(word_t instruction)
{
	word_t function = instruction >> 13 & 7;
	return (instruction & 1) == 0 && (function == 1 || function == 5);
}

/* stval has the instruction, or 0 on processors that do not tell: those report EXCEPTION_ILLEGAL. Once the unit is on
   it cannot be what was missing. */
static bool lacks_fpu(word_t instruction)
{
	if ((csr_read(sstatus) & SSTATUS_FS) != 0)
		return false;
	if ((instruction & 3) != 3)
		return is_fp_compressed(instruction);
	return is_fp_opcode(instruction) || is_fp_csr(instruction);
}

/* ---- classification ---- */

enum { CAUSES_PAGE = 1 << CAUSE_FETCH_PAGE | 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE };

/* The walker forgets what it holds for the address, in all address spaces: the entry may have come after it looked. */
static struct hal_frame *page_fault(struct hal_frame *f, word_t cause, uintptr_t address)
{
	unsigned access = cause == CAUSE_FETCH_PAGE ? RIGHT_EXECUTE : cause == CAUSE_LOAD_PAGE ? RIGHT_READ : RIGHT_WRITE;

	__asm__ volatile("sfence.vma %0, zero" : : "r"(address) : "memory");
	return core_page_fault(f, address, access, cause);
}

static __attribute__((noinline)) struct hal_frame *exception(struct hal_frame *f, word_t cause, word_t value)
{
	switch (cause) {
	case CAUSE_FETCH_ACCESS:
	case CAUSE_LOAD_ACCESS:
	case CAUSE_STORE_ACCESS:
		return core_exception(f, EXCEPTION_BUS, value, cause);
	case CAUSE_FETCH_MISALIGNED:
	case CAUSE_LOAD_MISALIGNED:
	case CAUSE_STORE_MISALIGNED:
		return core_exception(f, EXCEPTION_ALIGNMENT, value, cause);
	case CAUSE_ILLEGAL:
		return core_exception(f, lacks_fpu(value) ? EXCEPTION_FPU : EXCEPTION_ILLEGAL, 0, cause);
	case CAUSE_BREAKPOINT:
		return core_exception(f, EXCEPTION_BREAKPOINT, 0, cause);
	default:
		return core_exception(f, EXCEPTION_OTHER, value, cause);
	}
}

/* From trap.S: anything but a system call, from user level; f is saved (full). */
struct hal_frame *trap_user(struct hal_frame *f)
{
	word_t cause = csr_read(scause);
	if (cause <= CAUSE_STORE_PAGE && CAUSES_PAGE >> cause & 1)
		return page_fault(f, cause, csr_read(stval));
	if ((intptr_t)cause >= 0)
		return exception(f, cause, csr_read(stval));
	interrupt_handle();
	return core_resume();
}

/* From trap.S: a trap in the kernel. */
_Noreturn void trap_kernel(const struct hal_frame *f)
{
	kprintf("scause %lx stval %lx\n", csr_read(scause), csr_read(stval));
	core_fatal("trap in the kernel", f);
}
