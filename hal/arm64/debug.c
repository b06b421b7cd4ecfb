/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug points: number n is breakpoint n and watchpoint n of the processor (Arm ARM, sections D2.8 and D2.9), of which the thread uses
 * one. They match at EL0 only, and are loaded while a thread that has any runs.
 */
#include "arm64.h"

#define MDSCR_MONITOR ((uint64_t)1 << 15) /* MDE */

/* DBGBCR and DBGWCR. */
enum {
	CONTROL_ENABLE = 1 << 0,
	CONTROL_USER = 2 << 1,          /* PMC, PAC: EL0 */
	CONTROL_INSTRUCTION = 0xf << 5, /* BAS of a breakpoint */
	CONTROL_LOAD = 1 << 3,
	CONTROL_STORE = 2 << 3,
	CONTROL_BYTES_SHIFT = 5,        /* BAS of a watchpoint: bytes of the aligned eight */
};
#define CONTROL_MODE (3u << 3) /* LSC of a watchpoint; 0 in ours of breakpoints */

#define FIELD(value, shift) ((unsigned)((value) >> (shift)) & 0xf)

static unsigned breakpoints(void)
{
	return FIELD(READ_REGISTER(id_aa64dfr0_el1), 12) + 1;
}

static unsigned watchpoints(void)
{
	return FIELD(READ_REGISTER(id_aa64dfr0_el1), 20) + 1;
}

void debug_init(void)
{
	unsigned breaks = breakpoints(), watches = watchpoints();

/* The number is part of the instruction, and what the processor does not have is undefined. */
#define CLEAR(n)                                           \
	if (n < breaks)                                    \
		WRITE_REGISTER(dbgbcr##n##_el1, 0);        \
	if (n < watches)                                   \
		WRITE_REGISTER(dbgwcr##n##_el1, 0);
	CLEAR(0) CLEAR(1) CLEAR(2) CLEAR(3) CLEAR(4) CLEAR(5) CLEAR(6) CLEAR(7)
	CLEAR(8) CLEAR(9) CLEAR(10) CLEAR(11) CLEAR(12) CLEAR(13) CLEAR(14) CLEAR(15)
}

enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length)
{
	unsigned bytes = ((1u << length) - 1) << (address & 7);

	if (number >= DEBUG_POINTS || number >= breakpoints() || number >= watchpoints() || (kind == DEBUG_EXECUTE && address & 3))
		return ERROR_BAD_ARGUMENT;
	f->points = (f->points & ~(1u << number)) | (unsigned)(kind != DEBUG_NONE) << number;
	f->point_address[number] = address;
	f->point_control[number] = CONTROL_ENABLE | CONTROL_USER;
	if (kind == DEBUG_EXECUTE)
		f->point_control[number] |= CONTROL_INSTRUCTION;
	else
		f->point_control[number] |= CONTROL_STORE | bytes << CONTROL_BYTES_SHIFT | (kind == DEBUG_ACCESS ? CONTROL_LOAD : 0);
	return OK;
}

static uint32_t control(const struct hal_frame *f, unsigned number, bool watch)
{
	bool is_watch = f->point_control[number] & CONTROL_MODE;

	return f->points >> number & 1 && is_watch == watch ? f->point_control[number] : 0;
}

void debug_load(const struct hal_frame *f)
{
	uint64_t mdscr = READ_REGISTER(mdscr_el1) & ~MDSCR_MONITOR;
	unsigned changed = f->points | core_here()->points;

	WRITE_REGISTER(mdscr_el1, mdscr);
#define LOAD(n)                                                                    \
	if (changed >> n & 1) {                                                    \
		WRITE_REGISTER(dbgbvr##n##_el1, f->point_address[n]);              \
		WRITE_REGISTER(dbgbcr##n##_el1, control(f, n, false));             \
		WRITE_REGISTER(dbgwvr##n##_el1, f->point_address[n] & ~(word_t)7); \
		WRITE_REGISTER(dbgwcr##n##_el1, control(f, n, true));              \
	}
	LOAD(0) LOAD(1) LOAD(2) LOAD(3)
	if (f->points)
		WRITE_REGISTER(mdscr_el1, mdscr | MDSCR_MONITOR);
	core_here()->points = f->points;
	__asm__ volatile("isb");
}

/* An access may begin below what is watched of it, or be told with any address of it: the nearest one is meant. */
uintptr_t debug_watched(const struct hal_frame *f, uintptr_t address)
{
	uintptr_t nearest = address, least = UINTPTR_MAX;

	for (unsigned number = 0; number < DEBUG_POINTS; number++) {
		uintptr_t at = f->point_address[number], distance = at > address ? at - address : address - at;

		if (control(f, number, true) && distance < least) {
			least = distance;
			nearest = at;
		}
	}
	return nearest;
}
