/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of probe.h. */
#include "probe.h"

/* probe.S has the same numbers. */
_Static_assert(REGISTER_IP == 0 && REGISTER_SP == 1 && REGISTER_FLAGS == 2 && REGISTER_THREAD_POINTER == 3 &&
	REGISTER_RAX == 4 && REGISTER_RDI == 9 && REGISTER_RBP == 10 && REGISTER_R8 == 11 && REGISTER_R15 == 18 &&
	REGISTERS_GENERAL_COUNT == 19, "probe.S");

#define ALL (~(word_t)0)
#define FLAGS_FIXED 0x202 /* interrupts on, and the bit that is always set */

const struct probe_register probe_register[REGISTERS_GENERAL_COUNT] = {
	[REGISTER_IP] = {"rip", PROBE_IP, 0, 0, 0},
	[REGISTER_SP] = {"rsp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_FLAGS] = {"rflags", PROBE_CONSTANT, FLAGS_FIXED, FLAGS_USER, FLAGS_FIXED},
	[REGISTER_THREAD_POINTER] = {"fs base", PROBE_PRESERVED, 0, 0, 0},
	[REGISTER_RAX] = {"rax", PROBE_CONSTANT, 0, ALL, 0},
	[REGISTER_RBX] = {"rbx", PROBE_WORD, 4, ALL, 0},
	[REGISTER_RCX] = {"rcx", PROBE_IP, 0, ALL, 0},
	[REGISTER_RDX] = {"rdx", PROBE_TAG, 0, ALL, 0},
	[REGISTER_RSI] = {"rsi", PROBE_BADGE, 0, ALL, 0},
	[REGISTER_RDI] = {"rdi", PROBE_STATUS, 0, ALL, 0},
	[REGISTER_RBP] = {"rbp", PROBE_PRESERVED, 0, ALL, 0},
	[REGISTER_R8] = {"r8", PROBE_WORD, 5, ALL, 0},
	[REGISTER_R9] = {"r9", PROBE_WORD, 6, ALL, 0},
	[REGISTER_R10] = {"r10", PROBE_WORD, 7, ALL, 0},
	[REGISTER_R11] = {"r11", PROBE_CONSTANT, FLAGS_FIXED, ALL, 0},
	[REGISTER_R12] = {"r12", PROBE_WORD, 0, ALL, 0},
	[REGISTER_R13] = {"r13", PROBE_WORD, 1, ALL, 0},
	[REGISTER_R14] = {"r14", PROBE_WORD, 2, ALL, 0},
	[REGISTER_R15] = {"r15", PROBE_WORD, 3, ALL, 0},
};

const int probe_flags = REGISTER_FLAGS;
const word_t probe_flags_trap = FLAGS_STEP;
const word_t probe_flags_allowed = FLAGS_USER | FLAGS_FIXED;
const word_t probe_break_reported = 1;
const word_t probe_break_next = 0;
const bool probe_has_reservation = false;

#define PRIVILEGED(X) \
	X(cli) X(sti) X(hlt) X(read_cr0) X(write_cr3) X(write_cr4) X(write_dr7) X(clts) X(lmsw) X(rdmsr) X(wrmsr) X(lgdt) \
	X(lidt) X(lldt) X(ltr) X(invlpg) X(wbinvd) X(swapgs) X(sysret) X(sysexit) X(in) X(out) X(interrupt) X(page_fault) \
	X(wrfsbase) X(xsetbv)
#define DECLARE(name) void privileged_##name(void);
#define ENTRY(name) {#name, privileged_##name},

PRIVILEGED(DECLARE)
const struct probe_privileged probe_privileged[] = {PRIVILEGED(ENTRY){0}};

const struct probe_address probe_address[] = {
	{"the kernel's image", 0xffffffff80000000, false},
	{"the kernel's direct map", 0xffff800000000000, false},
	{"an address that is not canonical", 0x0000800000000000, true},
	{"an address with all high bits wrong", 0x7fff000000000000, true},
	{0},
};
