/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of probe.h. */
#include "probe.h"

/* probe.S has the same numbers. */
_Static_assert(REGISTER_R0 == 0 && REGISTER_SP == 1 && REGISTER_IP == 32 && REGISTER_LR == 33 && REGISTER_CTR == 34 &&
	REGISTER_CR == 35 && REGISTER_XER == 36 && REGISTER_VRSAVE == 37 && REGISTERS_GENERAL_COUNT == 38, "probe.S");

#define ALL (~(word_t)0)
#define ZERO(name) {name, PROBE_CONSTANT, 0, ALL, 0}
#define KEPT(name) {name, PROBE_PRESERVED, 0, ALL, 0}

const struct probe_register probe_register[REGISTERS_GENERAL_COUNT] = {
	[0] = ZERO("r0"), KEPT("r1"), KEPT("r2"),
	[3] = {"r3", PROBE_STATUS, 0, ALL, 0},
	[4] = {"r4", PROBE_BADGE, 0, ALL, 0},
	[5] = {"r5", PROBE_TAG, 0, ALL, 0},
	[6] = ZERO("r6"), ZERO("r7"), ZERO("r8"), ZERO("r9"), ZERO("r10"), ZERO("r11"), ZERO("r12"), KEPT("r13"),
	[14] = {"r14", PROBE_WORD, 0, ALL, 0},
	[15] = {"r15", PROBE_WORD, 1, ALL, 0},
	[16] = {"r16", PROBE_WORD, 2, ALL, 0},
	[17] = {"r17", PROBE_WORD, 3, ALL, 0},
	[18] = {"r18", PROBE_WORD, 4, ALL, 0},
	[19] = {"r19", PROBE_WORD, 5, ALL, 0},
	[20] = {"r20", PROBE_WORD, 6, ALL, 0},
	[21] = {"r21", PROBE_WORD, 7, ALL, 0},
	[22] = ZERO("r22"), ZERO("r23"), ZERO("r24"), ZERO("r25"), ZERO("r26"), ZERO("r27"),
	ZERO("r28"), ZERO("r29"), ZERO("r30"), KEPT("r31"),
	[REGISTER_IP] = {"ip", PROBE_IP, 0, 0, 0},
	[REGISTER_LR] = ZERO("lr"),
	[REGISTER_CTR] = ZERO("ctr"),
	[REGISTER_CR] = {"cr", PROBE_CONSTANT, 0, 0xffffffff, 0},
	[REGISTER_XER] = {"xer", PROBE_CONSTANT, 0, 0xe000007f, 0},
	[REGISTER_VRSAVE] = {"vrsave", PROBE_CONSTANT, 0, 0xffffffff, 0},
};

const int probe_flags = -1;
const word_t probe_flags_trap = 0;
const word_t probe_flags_allowed = 0;
const word_t probe_break_reported = 0;
const word_t probe_break_next = 4;
const bool probe_has_reservation = true;

#define PRIVILEGED(X) \
	X(mfmsr) X(mtmsr) X(mtmsrd) X(rfid) X(hrfid) X(tlbie) X(tlbiel) X(slbia) X(slbmte) X(msgsndp) X(mfsprg0) X(mtsprg0) \
	X(mtdec) X(mtsrr0) X(mtpidr) X(mtamr) X(mtlpcr) X(mfpvr) X(stop)
#define DECLARE(name) void privileged_##name(void);
#define ENTRY(name) {#name, privileged_##name},

PRIVILEGED(DECLARE)
const struct probe_privileged probe_privileged[] = {PRIVILEGED(ENTRY){0}};

const struct probe_address probe_address[] = {
	{"the kernel's memory", 0xc000000000000000, false},
	{"the second quadrant", 0x4000000000000000, false},
	{"the third quadrant", 0x8000000000000000, false},
	{"an address that no table translates", 0x0010000000000000, false},
	{0},
};
