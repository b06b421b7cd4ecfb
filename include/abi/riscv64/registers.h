/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: layout of the register group REGISTERS_GENERAL, for THREAD_READ and THREAD_WRITE.
 * The first REGISTER_IPC_COUNT are what a system call keeps or carries; of a thread that waits in
 * ipc the others read as zero. There is no flags register.
 */
#ifndef ABI_RISCV64_REGISTERS_H
#define ABI_RISCV64_REGISTERS_H

enum register_general {
	REGISTER_IP,
	REGISTER_SP,
	REGISTER_GP,
	REGISTER_TP,
	REGISTER_THREAD_POINTER = REGISTER_TP,
	REGISTER_S0, /* frame pointer */
	REGISTER_A0, /* to, status */
	REGISTER_A1, /* from, badge */
	REGISTER_A2, /* tag */
	REGISTER_S2, /* w0 */
	REGISTER_S3,
	REGISTER_S4,
	REGISTER_S5,
	REGISTER_S6,
	REGISTER_S7,
	REGISTER_S8,
	REGISTER_S9, /* w7 */
	REGISTER_IPC_COUNT,
	REGISTER_RA = REGISTER_IPC_COUNT,
	REGISTER_T0,
	REGISTER_T1,
	REGISTER_T2,
	REGISTER_T3,
	REGISTER_T4,
	REGISTER_T5,
	REGISTER_T6,
	REGISTER_A3,
	REGISTER_A4,
	REGISTER_A5,
	REGISTER_A6,
	REGISTER_A7,
	REGISTER_S1,
	REGISTER_S10,
	REGISTER_S11,
	REGISTERS_GENERAL_COUNT
};

#endif
