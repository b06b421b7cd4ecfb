/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what user level sees of the processor in messages. Layout of register group REGISTERS_GENERAL, the
 * flags that a thread may choose, and the raw code of faults and exceptions.
 */
#ifndef ABI_X86_64_REGISTERS_H
#define ABI_X86_64_REGISTERS_H

enum register_general {
	REGISTER_IP = 0,
	REGISTER_SP = 1,
	REGISTER_FLAGS = 2,
	REGISTER_THREAD_POINTER = 3, /* FS base */
	REGISTER_RAX = 4,
	REGISTER_RBX = 5,
	REGISTER_RCX = 6,
	REGISTER_RDX = 7,
	REGISTER_RSI = 8,
	REGISTER_RDI = 9,
	REGISTER_RBP = 10,
	REGISTER_R8 = 11,
	REGISTER_R9 = 12,
	REGISTER_R10 = 13,
	REGISTER_R11 = 14,
	REGISTER_R12 = 15,
	REGISTER_R13 = 16,
	REGISTER_R14 = 17,
	REGISTER_R15 = 18,
	REGISTERS_GENERAL_COUNT
};

/* Flags that a thread may choose: CF PF AF ZF SF TF DF OF AC ID. The others are fixed (interrupts on). */
enum { FLAGS_STEP = 0x100, FLAGS_USER = 0x240dd5 };

/* Raw code: vector in bits 0-7, the processor's error code from bit 8 on. */
enum { RAW_VECTOR_MASK = 0xff, RAW_ERROR_SHIFT = 8 };

#endif
