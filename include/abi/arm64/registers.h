/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register group REGISTERS_GENERAL of arm64: the indices of THREAD_READ and THREAD_WRITE.
 */
#ifndef ABI_ARM64_REGISTERS_H
#define ABI_ARM64_REGISTERS_H

enum register_general {
	REGISTER_X0 = 0, /* x0..x30 are 0..30 */
	REGISTER_X1 = 1,
	REGISTER_X2 = 2,
	REGISTER_X19 = 19,
	REGISTER_FP = 29, /* x29 */
	REGISTER_LR = 30, /* x30 */
	REGISTER_SP = 31,
	REGISTER_IP = 32,
	REGISTER_FLAGS = 33,	      /* NZCV as in PSTATE, with DIT and SSBS; writes of other bits are ignored */
	REGISTER_THREAD_POINTER = 34, /* TPIDR_EL0 */
	REGISTERS_GENERAL_COUNT = 35,
};

#endif
