/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of probe.h. */
#include "probe.h"

/* probe.S has the same numbers. */
_Static_assert(REGISTER_X0 == 0 && REGISTER_LR == 30 && REGISTER_SP == 31 && REGISTER_IP == 32 && REGISTER_FLAGS == 33 &&
	REGISTER_THREAD_POINTER == 34 && REGISTERS_GENERAL_COUNT == 35, "probe.S");

#define ALL (~(word_t)0)
#define NZCV ((word_t)0xf << 28)

#define ZERO(name) {name, PROBE_CONSTANT, 0, ALL, 0}

const struct probe_register probe_register[REGISTERS_GENERAL_COUNT] = {
	[0] = {"x0", PROBE_STATUS, 0, ALL, 0},
	[1] = {"x1", PROBE_BADGE, 0, ALL, 0},
	[2] = {"x2", PROBE_TAG, 0, ALL, 0},
	[3] = ZERO("x3"), ZERO("x4"), ZERO("x5"), ZERO("x6"), ZERO("x7"), ZERO("x8"), ZERO("x9"), ZERO("x10"),
	ZERO("x11"), ZERO("x12"), ZERO("x13"), ZERO("x14"), ZERO("x15"), ZERO("x16"), ZERO("x17"), ZERO("x18"),
	[19] = {"x19", PROBE_WORD, 0, ALL, 0},
	[20] = {"x20", PROBE_WORD, 1, ALL, 0},
	[21] = {"x21", PROBE_WORD, 2, ALL, 0},
	[22] = {"x22", PROBE_WORD, 3, ALL, 0},
	[23] = {"x23", PROBE_WORD, 4, ALL, 0},
	[24] = {"x24", PROBE_WORD, 5, ALL, 0},
	[25] = {"x25", PROBE_WORD, 6, ALL, 0},
	[26] = {"x26", PROBE_WORD, 7, ALL, 0},
	[27] = ZERO("x27"), ZERO("x28"),
	[29] = {"x29", PROBE_PRESERVED, 0, ALL, 0},
	[30] = ZERO("x30"),
	[REGISTER_SP] = {"sp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_IP] = {"pc", PROBE_IP, 0, 0, 0},
	[REGISTER_FLAGS] = {"nzcv", PROBE_CONSTANT, 0, NZCV, 0},
	[REGISTER_THREAD_POINTER] = {"tpidr_el0", PROBE_PRESERVED, 0, ALL, 0},
};

const int probe_flags = REGISTER_FLAGS;
const word_t probe_flags_trap = 0;
const word_t probe_flags_allowed = NZCV | (word_t)1 << 24 | (word_t)1 << 12; /* with DIT and SSBS */
const word_t probe_break_reported = 0;
const word_t probe_break_next = 4;
const bool probe_has_reservation = true;

#define PRIVILEGED(X) \
	X(read_sctlr) X(write_sctlr) X(write_ttbr0) X(write_vbar) X(write_tpidr_el1) X(write_tpidrro) X(read_currentel) \
	X(daifset) X(read_daif) X(spsel) X(tlbi) X(dc_isw) X(ic_iallu) X(eret) X(hvc) X(smc) X(svc_1) X(semihosting) X(timer) \
	X(cycles) X(debug)
#define DECLARE(name) void privileged_##name(void);
#define ENTRY(name) {#name, privileged_##name},

PRIVILEGED(DECLARE)
const struct probe_privileged probe_privileged[] = {PRIVILEGED(ENTRY){0}};

const struct probe_address probe_address[] = {
	{"the kernel's image", 0xffff000040200000, false},
	{"the kernel's devices", 0xffff800009000000, false},
	{"an address that no table translates", 0x0001000000000000, false},
	{"an address with a tag", 0xff00000000400000, false},
	{0},
};
