/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of a thread on ppc64: group REGISTERS_GENERAL of THREAD_READ and THREAD_WRITE. General register n
 * is REGISTER_R0 + n. r1 is the stack pointer, r2 the TOC, r13 the thread pointer.
 */
#ifndef ABI_PPC64_REGISTERS_H
#define ABI_PPC64_REGISTERS_H

enum register_general {
	REGISTER_R0 = 0,
	REGISTER_SP = 1,
	REGISTER_THREAD_POINTER = 13,
	REGISTER_IP = 32,
	REGISTER_LR = 33,
	REGISTER_CTR = 34,
	REGISTER_CR = 35, /* low 32 bits */
	REGISTER_XER = 36,
	REGISTER_VRSAVE = 37,
	REGISTER_COUNT,
	REGISTERS_GENERAL_COUNT = REGISTER_COUNT /* its name on every machine */
};

#endif
