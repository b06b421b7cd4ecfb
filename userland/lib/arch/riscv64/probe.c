/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of probe.h. */
#include "probe.h"

/* probe.S has the same numbers. */
_Static_assert(REGISTER_IP == 0 && REGISTER_SP == 1 && REGISTER_S0 == 4 && REGISTER_A0 == 5 && REGISTER_A1 == 6 &&
	REGISTER_RA == 16 && REGISTER_S11 == 31 && REGISTERS_GENERAL_COUNT == 32, "probe.S");

#define ALL (~(word_t)0)
#define ZERO(name) {name, PROBE_CONSTANT, 0, ALL, 0}

const struct probe_register probe_register[REGISTERS_GENERAL_COUNT] = {
	[REGISTER_IP] = {"pc", PROBE_IP, 0, 0, 0},
	[REGISTER_SP] = {"sp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_GP] = {"gp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_TP] = {"tp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_S0] = {"s0", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_A0] = {"a0", PROBE_STATUS, 0, ALL, 0},
	[REGISTER_A1] = {"a1", PROBE_BADGE, 0, ALL, 0},
	[REGISTER_A2] = {"a2", PROBE_TAG, 0, ALL, 0},
	[REGISTER_S2] = {"s2", PROBE_WORD, 0, ALL, 0},
	[REGISTER_S3] = {"s3", PROBE_WORD, 1, ALL, 0},
	[REGISTER_S4] = {"s4", PROBE_WORD, 2, ALL, 0},
	[REGISTER_S5] = {"s5", PROBE_WORD, 3, ALL, 0},
	[REGISTER_S6] = {"s6", PROBE_WORD, 4, ALL, 0},
	[REGISTER_S7] = {"s7", PROBE_WORD, 5, ALL, 0},
	[REGISTER_S8] = {"s8", PROBE_WORD, 6, ALL, 0},
	[REGISTER_S9] = {"s9", PROBE_WORD, 7, ALL, 0},
	[REGISTER_RA] = ZERO("ra"), ZERO("t0"), ZERO("t1"), ZERO("t2"), ZERO("t3"), ZERO("t4"), ZERO("t5"), ZERO("t6"),
	ZERO("a3"), ZERO("a4"), ZERO("a5"), ZERO("a6"), ZERO("a7"), ZERO("s1"), ZERO("s10"), ZERO("s11"),
};

const int probe_flags = -1;
const word_t probe_flags_trap = 0;
const word_t probe_flags_allowed = 0;
const word_t probe_break_reported = 0;
const word_t probe_break_next = 4;
const bool probe_has_reservation = true;

#define PRIVILEGED(X) \
	X(read_sstatus) X(write_sstatus) X(write_satp) X(write_stvec) X(write_sscratch) X(write_sie) X(read_mstatus) \
	X(read_mhartid) X(write_time) X(read_instret) X(sret) X(mret) X(wfi) X(sfence) X(cbo_zero) X(hlv)
#define DECLARE(name) void privileged_##name(void);
#define ENTRY(name) {#name, privileged_##name},

PRIVILEGED(DECLARE)
const struct probe_privileged probe_privileged[] = {PRIVILEGED(ENTRY){0}};

const struct probe_address probe_address[] = {
	{"the kernel's image", 0xffffffc080200000, false},
	{"the kernel's direct map", 0xffffffc000000000, false},
	{"an address that is not canonical", 0x0000800000000000, false},
	{"an address with all high bits wrong", 0x7fff000000000000, false},
	{0},
};
