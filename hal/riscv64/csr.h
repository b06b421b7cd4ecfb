/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control and status registers of S-mode (privileged specification 1.12, chapters 2 and 4).
 * Numbers are used where the assembler may not know the name.
 */
#ifndef RISCV64_CSR_H
#define RISCV64_CSR_H

#include <abi/types.h>

#define CSR_SENVCFG 0x10a
#define CSR_STIMECMP 0x14d
#define CSR_HSTATUS 0x600

#define SSTATUS_SIE (1ul << 1)
#define SSTATUS_SPIE (1ul << 5)
#define SSTATUS_UBE (1ul << 6)
#define SSTATUS_SPP (1ul << 8)
#define SSTATUS_VS (3ul << 9)
#define SSTATUS_FS (3ul << 13)
#define SSTATUS_SUM (1ul << 18)
#define SSTATUS_MXR (1ul << 19)

/* sie, sip */
#define INTERRUPT_SOFTWARE (1ul << 1)
#define INTERRUPT_TIMER (1ul << 5)
#define INTERRUPT_EXTERNAL (1ul << 9)

#define SCOUNTEREN_CYCLE (1ul << 0)
#define SCOUNTEREN_TIME (1ul << 1)

#define SATP_SV39 (8ul << 60)
#define SATP_SV48 (9ul << 60)
#define SATP_ASID_MASK 0xfffful

/* Macros, because the register is a part of the instruction. */
#define CSR_NAME(x) #x
#define csr_read(csr)                                                                                                 \
	({                                                                                                            \
		word_t value_;                                                                                        \
		__asm__ volatile("csrr %0, " CSR_NAME(csr) : "=r"(value_) : : "memory");                              \
		value_;                                                                                               \
	})
#define csr_write(csr, value) __asm__ volatile("csrw " CSR_NAME(csr) ", %0" : : "r"((word_t)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " CSR_NAME(csr) ", %0" : : "r"((word_t)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " CSR_NAME(csr) ", %0" : : "r"((word_t)(bits)) : "memory")

/* Writes a register that this processor may lack; false: it lacks it. The illegal instruction then goes on behind
   the write; it leaves sstatus.SPP set, so only for boot (boot.c clears sstatus at its end). */
#define csr_write_if_present(csr, value)                                                                              \
	({                                                                                                            \
		word_t vector_, present_;                                                                             \
		__asm__ volatile("la %0, 1f\n\tcsrrw %0, stvec, %0\n\tli %1, 0\n\t"                                   \
				 "csrw " CSR_NAME(csr) ", %2\n\tli %1, 1\n\t.balign 4\n1:\tcsrw stvec, %0"            \
				 : "=&r"(vector_), "=&r"(present_)                                                    \
				 : "r"((word_t)(value))                                                               \
				 : "memory");                                                                         \
		present_ != 0;                                                                                        \
	})

#endif
