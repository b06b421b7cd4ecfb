/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and frames of riscv64: s0 points behind the frame; below it are the return address and the caller's s0, or in
 * a function that calls none, the caller's s0 alone.
 */
#include "frames.h"

const char *const frame_register_name[REGISTERS_GENERAL_COUNT] = {
	[REGISTER_IP] = "pc", [REGISTER_SP] = "sp", [REGISTER_GP] = "gp", [REGISTER_TP] = "tp",  [REGISTER_S0] = "s0",
	[REGISTER_A0] = "a0", [REGISTER_A1] = "a1", [REGISTER_A2] = "a2", [REGISTER_S2] = "s2",  [REGISTER_S3] = "s3",
	[REGISTER_S4] = "s4", [REGISTER_S5] = "s5", [REGISTER_S6] = "s6", [REGISTER_S7] = "s7",  [REGISTER_RA] = "ra",
	[REGISTER_T0] = "t0", [REGISTER_T1] = "t1", [REGISTER_T2] = "t2", [REGISTER_T3] = "t3",  [REGISTER_T4] = "t4",
	[REGISTER_T5] = "t5", [REGISTER_T6] = "t6", [REGISTER_A3] = "a3", [REGISTER_A4] = "a4",  [REGISTER_A5] = "a5",
	[REGISTER_A6] = "a6", [REGISTER_A7] = "a7", [REGISTER_S1] = "s1", [REGISTER_S8] = "s8",  [REGISTER_S9] = "s9",
	[REGISTER_S10] = "s10", [REGISTER_S11] = "s11",
};

const struct frame_layout frame_layout = {
	.frame = REGISTER_S0,
	.link = REGISTER_RA,
	.previous = -16,
	.address = -8,
	.leaf_previous = -8,
};

/* The link register tells. */
bool frame_made(const uint8_t *code, size_t length)
{
	(void)code;
	(void)length;
	return true;
}
